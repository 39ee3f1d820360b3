//! The programs of PostgreSQL, the account that they run under, and a fresh cluster for each server.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};

use crate::home::Home;
use crate::program::on_path;

/// The superuser of every cluster, who needs no password.
pub(super) const SUPERUSER: &str = "postgres";

/// The folder of the cluster in the home of its server.
pub(super) const DATA: &str = "data";

/// Puts a fresh cluster into the folder.
///
/// It is a copy: `initdb` takes longer than all else together, and runs once in a process.
pub(super) fn furnish(home: &Path) {
    // Never dropped, and gone when the process is: the shell of a home sees to that.
    static TEMPLATE: OnceLock<Home> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let template = Home::new("cluster", Signal::SIGKILL);
        give_away(template.path());
        run(program("initdb", template.path())
            .arg(template.path().join(DATA))
            .args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--wal-segsize=1")); // megabytes to copy for each server, instead of 16
        template
    });
    give_away(home);
    run(as_account(&mut Command::new("cp")).arg("-R").arg(template.path().join(DATA)).arg(home.join(DATA)));
}

/// A program of PostgreSQL, to be run in a folder that its account can enter.
pub(super) fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs().join(name));
    as_account(&mut command).current_dir(folder);
    command
}

/// Where the programs are: Debian keeps those of each version in a folder of their own, off the PATH.
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

/// PostgreSQL refuses to run as root; who is not root runs it as themselves.
fn account() -> Option<User> {
    let named = |name| User::from_name(name).ok().flatten();
    Uid::effective()
        .is_root()
        .then(|| named("postgres").or_else(|| named("nobody")).expect("there is a user that is not root"))
}

fn as_account(command: &mut Command) -> &mut Command {
    if let Some(account) = account() {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    command
}

/// Makes the folder one that the account can write to.
fn give_away(folder: &Path) {
    if let Some(account) = account() {
        let (user, group) = (account.uid.as_raw(), account.gid.as_raw());
        chown(folder, Some(user), Some(group)).expect("root can give a folder away");
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder is ours");
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} fails: {said}");
}
