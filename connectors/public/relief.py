"""What is said in public of disasters: what happened, what was reported, what was handed out."""

from connectors.public.kinds import public

PUBLIC = (
    public("relief.DisasterRegistered", "kind", "title", "affected_codes", "division_code"),
    public("relief.DisasterOccurred", "kind", "occurred_at", "affected_codes"),
    public("relief.DisasterAreaChanged", "affected_codes"),
    public("relief.DisasterStabilised", "stable_at"),
    public("relief.DisasterClosed"),
    public("relief.ResponseLaunched", "level", "former_level"),
    public("relief.DisasterReported", "report_no", "stage", "as_of", "corrects", "late", of="disaster_id"),
    public("relief.AidPaid", "person_id", "kind", "amount_fen", "fund_source", "effective_on"),
    public("relief.AidPaymentReturned", "person_id", "amount_fen", "effective_on"),
    public("relief.StockReceived", "facility_id", "item", "qty_count"),
    public("relief.StockShipped", "facility_id", "item", "qty_count"),
    public("relief.StockDelivered", "facility_id", "item", "to_division_code", "qty_count"),
)
