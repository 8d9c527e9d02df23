//! The planted bugs.

/// A deviation from the algorithm, which a property must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// `DuplicateItem` counts as a conflict, without reading the owner.
    DuplicateItemIsConflict,
    /// Each attempt draws a new write token.
    RandomTokenOnRetry,
    /// The read of an owner is eventually consistent.
    EventualOwnerRead,
    /// Resolving reports the `created_at` of this request, not the stored one.
    ResolveReportsOwnTime,
    /// Record and aliases are written by a statement each, not by a transaction.
    AliasesWrittenApart,
    /// A call without response counts as a success.
    LostCallIsCreated,
    /// Duplicates inside a request are refused before the earlier record is decided.
    DuplicatesDoNotWait,
    /// The records of a chain that will be stored if nobody else writes are sent at once, each in a call of its own.
    ChainSentApart,
    /// A record that waits for one that was given up is sent.
    GivingUpIsNotFinal,
    /// The record that a cancelled transaction's reasons name is sent again with the others.
    NamedStaysWithOthers,
    /// A call that is rejected as a whole is given up.
    RejectedIsNotHalved,
    /// An item without write token counts as missing.
    OperatorIsNobody,
    /// The ID in a list of type `NOTHING` is derived from the record's place in the request alone.
    IdentityFromIndex,
    /// A delete by number takes the record that an alias points to, even if that is another version by now.
    DeleteTrustsAlias,
    /// A delete names no version.
    DeleteWithoutToken,
    /// A delete names the write token without its suffix, and not `created_at`.
    DeleteWithoutCreatedAt,
    /// A delete names the write token without its suffix, and `created_at`.
    DeleteWithoutSuffix,
    /// A delete whose response was lost reports success without reading back.
    DeleteWithoutReadBack,
    /// A delete removes the record's own item alone.
    DeleteLeavesAliases,
    /// A delete names no revision.
    DeleteWithoutRevision,
    /// A change replaces the write token of the record.
    ChangeReplacesToken,
    /// A change names no revision.
    ChangeWithoutRevision,
    /// A change whose token is not the record's revision counts as not made, even if the trail has it.
    TrailNotRead,
    /// The trail keeps its first entry when it is full, and drops the next.
    TrailKeepsFirst,
    /// A change whose base is no longer in the trail counts as not made.
    EndOfTrailDecides,
    /// A change that is sent again sets all members to the values of the first merge.
    ResentWithoutMerge,
    /// The aliases that a change gains are inserted by calls of their own.
    AliasesGainedApart,
    /// The aliases that a change loses are not deleted.
    LostAliasesStay,
    /// The conflict of an alias is judged before the record's revision.
    AliasesJudgedFirst,
    /// The `ETag` is judged before the token of the change.
    EtagJudgedFirst,
    /// A change without response counts as made.
    LostChangeIsMade,
    /// A change by number takes the record that an alias points to, even if it no longer has the number.
    ChangeTrustsAlias,
    /// A change can end the number that the record's ID is made of.
    IdentityCanEnd,
    /// A row that gains what an earlier row loses does not wait.
    GainsDoNotWait,
    /// A change that changes nothing is written.
    UnchangedIsWritten,
    /// A change that is only to be validated is written.
    ValidatedIsWritten,
    /// One call deletes two records that had one number, one after the other.
    KeyTwiceInCall,
}
