"""What is said in public of medical assistance: categories and settlements, without any diagnosis."""

from connectors.public.kinds import public

PUBLIC = (
    public("medical.CategoryRegistered", "person_id", "division_code"),
    public("medical.CategoryOpened", "person_id", "category", "from_on", "to_on"),
    public("medical.CategoryEnded", "person_id", "category", "last_on"),
    public("medical.CategoryHeld", "person_id"),
    public("medical.CategoryReleased", "person_id"),
    public("medical.SettlementMade", "hospital_id", "category", "settled_on"),
    public("medical.SettlementCancelled", "hospital_id", "cancelled_on"),
    public("medical.TxReversed", "hospital_id", "reversed_on"),
    public("medical.ManualClaimPaid", "amount_fen"),
    public("medical.ClearingPaid", "hospital_id", "month", "amount_fen", "fund_source"),
)
