"""What is said in public of people, households and places: that something is so, never who."""

from connectors.public.kinds import public

PUBLIC = (
    public("registry.PersonRegistered", "kind", "division_code", "provisional"),
    public("registry.PersonVerified", "match_source"),
    public("registry.PersonMoved", "from_division_code", "to_division_code", "moved_on"),
    public("registry.PersonMovedOut", "moved_on"),
    public("registry.PersonMoveReversed", "corrects_version", "from_on"),
    public("registry.DeathReported", "died_on"),
    public("registry.DeathConfirmed", "died_on"),
    public("registry.DeathReversed", "corrects_version"),
    public("registry.PersonMerged", "into_id"),
    public("registry.PersonUnmerged", "corrects_version"),
    public("registry.HouseholdFormed", "kind", "division_code", "from_on"),
    public("registry.MemberJoined", "person_id", "relation", "effective_on"),
    public("registry.MemberLeft", "person_id", "effective_on"),
    public("registry.HouseholdHeadChanged", "head_id", "effective_on"),
    public("registry.HouseholdRelocated", "from_division_code", "to_division_code", "moved_on"),
    public("registry.HouseholdDissolved", "from_on"),
    public("registry.FacilityRegistered", "name", "kind", "state", "bed_capacity", "division_code"),
    public("registry.FacilityStatusChanged", "state", "former", "effective_on"),
    public("registry.DivisionOpened", "code", "name", "parent_code", "kind", "from_on"),
    public("registry.DivisionClosed", "from_on"),
)
