//! The scripts of the session store, each in a file of its own.

use std::sync::LazyLock;

use redis::Script;

/// Defines each script, and the list of their sources.
macro_rules! scripts {
    ($($name:ident: $source:expr,)+) => {
        $(pub(super) static $name: LazyLock<Script> = LazyLock::new(|| Script::new($source));)+
        pub(super) const SOURCES: &[&str] = &[$($source),+];
    };
}

scripts! {
    OPEN: concat!(
        include_str!("declared.lua"),
        include_str!("row.lua"),
        include_str!("ended.lua"),
        include_str!("record.lua"),
        include_str!("open.lua"),
    ),
    RESTAMP: concat!(include_str!("row.lua"), include_str!("restamp.lua")),
    ROTATE: include_str!("rotate.lua"),
    STEP_UP: concat!(include_str!("row.lua"), include_str!("step_up.lua")),
    FIND: include_str!("find.lua"),
    SPEND: include_str!("spend.lua"),
    REVOKE: concat!(
        include_str!("declared.lua"),
        include_str!("row.lua"),
        include_str!("ended.lua"),
        include_str!("record.lua"),
        include_str!("revoke.lua"),
    ),
    LIST: concat!(include_str!("declared.lua"), include_str!("list.lua")),
    RECORD_REVOCATION: concat!(include_str!("record.lua"), include_str!("record_revocation.lua")),
    REVOCATIONS_SINCE: include_str!("revocations_since.lua"),
    REMOVE_REVOCATIONS: include_str!("remove_revocations.lua"),
}
