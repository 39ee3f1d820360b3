//! `gatevault completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use crate::answer::Answer;
use crate::arguments::Arguments;
use crate::terminal::Page;

/// Write completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault completions bash > ~/.local/share/bash-completion/completions/gatevault
  gatevault completions fish > ~/.config/fish/completions/gatevault.fish")]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "gatevault", &mut script);
    let script = String::from_utf8_lossy(&script);
    let json = json!({ "shell": options.shell.to_string(), "script": script });
    Answer::new(Page::own(&script), json)
}
