"""Community governance in the API, and the decisions on it."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import civic

ROOTS = (
    single("disclosure", "disclosure", "一项村（居）务公开 · one disclosure"),
    listing("disclosures", "disclosure", "辖区内的村（居）务公开，含逾期未公布的 · disclosures, missing ones included"),
    single("villageDecision", "village_decision", "一项四议两公开事项 · one village decision"),
    listing("villageDecisions", "village_decision", "四议两公开事项 · village decisions"),
    listing("elections", "election", "村（居）委会换届选举 · elections of committees"),
    listing("cadreAllowances", "cadre_allowance", "村（居）干部补贴 · allowances of cadres"),
    listing("communityRecords", "community_record", "基层治理记录 · light records of governance"),
    listing("socialWorkers", "social_worker", "持证社工 · certified social workers"),
    listing("volunteers", "volunteer", "志愿者 · volunteers"),
)
MUTATIONS = mutations_of(civic)
