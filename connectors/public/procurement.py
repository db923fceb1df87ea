"""What is said in public of purchased services and organisations."""

from connectors.public.kinds import public

PUBLIC = (
    public("procurement.OrgPrepared", "name", "kind", "local", "social_work", "division_code"),
    public("procurement.OrgRegistered", "credit_code", "kind", "effective_on"),
    public("procurement.OrgListedAbnormal", "effective_on"),
    public("procurement.OrgUnlisted", "corrects_version", "state", "effective_on"),
    public("procurement.OrgRevoked", "effective_on"),
    public("procurement.OrgReinstated", "state", "effective_on"),
    public("procurement.OrgDeregistered", "effective_on"),
    public("procurement.ProjectCatalogued", "title", "item", "division_code"),
    public(
        "procurement.ContractSigned",
        "contract_no",
        "organisation_id",
        "credit_code",
        "amount_fen",
        "starts_on",
        "ends_on",
    ),
    public("procurement.ContractAmended", "amount_fen", "ends_on"),
    public("procurement.ContractPaid", "payment_no", "organisation_id", "amount_fen", "source"),
    public("procurement.ContractTerminated"),
    public("procurement.PerformanceScored", "score_bp"),
)
