"""What is said in public of villages: what was disclosed and decided."""

from connectors.public.kinds import public

PUBLIC = (
    public("civic.DisclosureDue", "topic", "period", "post_by", "division_code"),
    public("civic.DisclosurePosted", "topic", "period", "content_hash", "corrects_version", "effective_on"),
    public("civic.ElectionHeld", "year", "effective_on", "division_code"),
    public("civic.RecordMade", "kind", "effective_on", "division_code"),
    public("civic.RecordEnded", "effective_on"),
)
