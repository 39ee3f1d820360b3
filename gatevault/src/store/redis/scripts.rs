//! The scripts of the session store, each in a file of its own.

use std::sync::LazyLock;

use redis::Script;

pub(super) static OPEN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("open.lua")));
pub(super) static ROTATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("rotate.lua")));
pub(super) static REVOKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("revoke.lua")));
pub(super) static LIST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("list.lua")));
pub(super) static REVOCATIONS_SINCE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("revocations_since.lua")));
pub(super) static PRUNE_REVOCATIONS: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("prune_revocations.lua")));
