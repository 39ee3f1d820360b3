//! `gatevault guards`: snapshots of the constant `GUARDS`, shown and compared.

mod compare;
mod demands;
mod record;
mod report;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::answer::{Answer, Failure, NEGATIVE, SUCCESS};
use crate::terminal::{Page, Tone};
use compare::{Change, Comparison};

/// Show or compare snapshots of `GUARDS`, the list that `#[guarded]` writes.
///
/// A snapshot is the output of `serde_json::to_string(GUARDS)`; several lists may be joined, or be in one array.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

/// The commands for snapshots.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show each function and what its callers need
    #[command(after_help = "\
Examples:
  gatevault guards show guards.json")]
    Show {
        /// The snapshot; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Compare two snapshots; the exit code is 1 if a guard was opened
    ///
    /// Opened are: a guard that admits callers whom it denied before, or may do so, a new function that needs no token, and a
    /// function that is no longer listed, since it may have lost its guard. A guard may do so if its gate, its payload or the
    /// words of a demand changed.
    #[command(after_help = "\
Examples:
  gatevault guards compare guards.json new.json
  git show main:guards.json | gatevault guards compare - guards.json --allow-removed")]
    Compare {
        /// The snapshot of before; `-` for standard input
        #[arg(value_name = "OLD")]
        old: PathBuf,

        /// The snapshot of now; `-` for standard input
        #[arg(value_name = "NEW")]
        new: PathBuf,

        /// Do not count functions that are no longer listed as opened
        #[arg(long)]
        allow_removed: bool,
    },
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    match &options.command {
        Command::Show { file } => Ok(report::show(&record::read(file)?)),
        Command::Compare { old, new, .. } if old == new => {
            let message = format!("both snapshots are {}: name two different files", old.display());
            Err(Failure::new(message))
        }
        Command::Compare { old, new, allow_removed } => {
            let comparison = Comparison::of(&record::read(old)?, &record::read(new)?);
            let has_opened = comparison.changes.iter().any(|change| {
                change.opens() && !(*allow_removed && matches!(change, Change::Removed { .. }))
            });
            let code = if has_opened { NEGATIVE } else { SUCCESS };
            Ok(report::compare(&comparison, has_opened).with_code(code))
        }
    }
}
