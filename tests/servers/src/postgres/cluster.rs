//! PostgreSQL's programs, the account that runs them, and a new database cluster for each server.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};

use crate::folder::ServerFolder;
use crate::program::on_path;

/// The superuser of every cluster, without a password.
pub(super) const SUPERUSER: &str = "postgres";

/// The cluster's folder in its server's folder.
pub(super) const DATA: &str = "data";

/// Creates a new cluster in the folder.
///
/// It is a copy of a template: `initdb` is slow and runs once per process.
pub(super) fn create(folder: &Path) {
    // Never dropped: the shell of the folder removes it when the process exits.
    static TEMPLATE: OnceLock<ServerFolder> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let template = ServerFolder::new("cluster", Signal::SIGKILL);
        give_away(template.path());
        run(program("initdb", template.path())
            .arg(template.path().join(DATA))
            .args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--wal-segsize=1")); // megabytes to copy for each server, instead of 16
        template
    });
    give_away(folder);
    run(as_account(&mut Command::new("cp")).arg("-R").arg(template.path().join(DATA)).arg(folder.join(DATA)));
}

/// Returns the command of a PostgreSQL program, run in a folder that its account can enter.
pub(super) fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs().join(name));
    as_account(&mut command).current_dir(folder);
    command
}

/// Returns the folder of the programs. Debian has one for each version, outside the PATH.
fn programs() -> PathBuf {
    if let (Some(initdb), Some(_)) = (on_path("initdb"), on_path("postgres")) {
        return initdb.parent().unwrap().to_owned();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("postgres").is_file())
        .max();
    newest
        .expect(
            "PostgreSQL is neither on the PATH nor in /usr/lib/postgresql: sudo apt-get install postgresql",
        )
        .1
}

/// Returns the account that runs PostgreSQL, which refuses to run as root. `None` means the current user.
fn account() -> Option<User> {
    let postgres = || User::from_name("postgres").ok().flatten();
    let unprivileged = || User::from_uid(Uid::from_raw(UNPRIVILEGED)).ok().flatten();
    Uid::effective()
        .is_root()
        .then(|| postgres().or_else(unprivileged).expect("there is a user other than root"))
}

pub(super) fn as_account(command: &mut Command) -> &mut Command {
    if let Some(account) = account() {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

/// Gives the folder to the account.
pub(super) fn give_away(folder: &Path) {
    if let Some(account) = account() {
        let (user, group) = (account.uid.as_raw(), account.gid.as_raw());
        chown(folder, Some(user), Some(group)).expect("root can change the owner of a folder");
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder is writable");
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} fails: {message}");
}

/// The user id of the account without privileges on Linux, for machines without a `postgres` account.
const UNPRIVILEGED: u32 = 65_534;
