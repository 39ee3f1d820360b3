//! Output: pages with a few colors, JSON, errors. No other module writes to the terminal.
//!
//! Names and values come from tokens, files and servers, whose authors may want to change what a person sees. All of them
//! pass [`printable`], or [`printable_json`].

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};

use crate::answer::{Answer, Failure, SUCCESS, UNUSABLE};

/// Lines for a person, with the colors of a terminal. Everything that is added to it becomes printable.
#[derive(Debug, Default)]
pub(crate) struct Page {
    styled: String,
}

/// The meaning of a line, which decides its color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Neither good nor bad.
    Plain,
    /// A title.
    Title,
    /// Valid, tightened.
    Good,
    /// Unusual, weak.
    Warning,
    /// Not valid, opened.
    Bad,
}

impl Page {
    /// Creates a page of one line.
    pub(crate) fn line(text: impl Display) -> Self {
        let mut page = Self::default();
        page.add(Tone::Plain, text);
        page
    }

    /// Creates a page of text that this program wrote, with its line breaks: PEM, JSON, a script.
    pub(crate) fn own(text: &str) -> Self {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        Self { styled: format!("{text}{end}") }
    }

    /// Appends a line in the color of its meaning.
    pub(crate) fn add(&mut self, tone: Tone, text: impl Display) {
        let (style, text) = (tone.style(), printable(&text.to_string()));
        // Writing to a string cannot fail.
        let _ = writeln!(self.styled, "{style}{text}{style:#}");
    }

    /// Appends an empty line and a title.
    pub(crate) fn title(&mut self, text: impl Display) {
        if !self.styled.is_empty() {
            self.styled.push('\n');
        }
        self.add(Tone::Title, text);
    }

    /// Appends an indented row: a name and a value.
    pub(crate) fn row(&mut self, tone: Tone, name: impl Display, value: impl Display) {
        let name = format!("{name}");
        self.add(tone, format!("  {name:<14} {value}"));
    }

    /// Appends an indented entry of a list.
    pub(crate) fn entry(&mut self, tone: Tone, text: impl Display) {
        self.add(tone, format!("  - {text}"));
    }
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Title => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
        }
    }
}

/// Writes an answer and returns its exit code. A reader that went away, as in `gatevault .. | head`, is no error.
pub(crate) fn print(answer: &Answer, json: bool) -> ExitCode {
    for note in &answer.notes {
        let _ = writeln!(anstream::stderr().lock(), "note: {}", printable(note));
    }
    let text = if json {
        // A `Value` always serializes.
        format!("{}\n", printable_json(&serde_json::to_string_pretty(&answer.json).unwrap_or_default()))
    } else {
        answer.page.styled.clone()
    };
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            report(&Failure::of("standard output", &error))
        }
        _ => ExitCode::from(answer.code),
    }
}

/// Writes the reason why a command could not run to standard error.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let style = Tone::Bad.style();
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{style}error:{style:#} {}", printable(&failure.to_string()));
    ExitCode::from(UNUSABLE)
}

/// Writes help, or what is wrong with the arguments. `Arguments::read` has made the arguments in it printable.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { UNUSABLE } else { SUCCESS })
}

/// Writes a hint to a person who is expected to type.
pub(crate) fn hint(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Returns the text with each character escaped that does not show, or changes how others show: controls (escape sequences
/// among them), bidirectional overrides, invisible and unassigned characters, all white space but the blank.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_shown(character) { shown.push(character) } else { shown.extend(character.escape_unicode()) }
    }
    shown
}

/// Returns JSON with the same characters escaped in the form of JSON (RFC 8259 section 7). Line breaks between the members
/// stay: strings have none.
pub(crate) fn printable_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || is_shown(character) {
            shown.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

/// Returns whether a character shows itself and nothing else.
fn is_shown(character: char) -> bool {
    // Behind a letter, the standard library escapes what is not printable, and no accent.
    let escaped = || format!("x{character}").escape_debug().count() > 2;
    match character {
        ' '..='~' => true,
        _ if INVISIBLE.iter().any(|range| range.contains(&character)) => false,
        _ => !escaped(),
    }
}

/// Characters that count as printable and show nothing (`Default_Ignorable_Code_Point`): fillers and selectors.
const INVISIBLE: [std::ops::RangeInclusive<char>; 8] = [
    '\u{34f}'..='\u{34f}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0100}'..='\u{e01ef}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_stays_and_what_does_not_is_escaped() {
        for shown in ["", "a b", "\"\\'", "é", "e\u{301}", "日本語", "हिन्दी", "😀", "≠"]
        {
            assert_eq!(printable(shown), shown);
        }
        for (hidden, escaped) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\r\n\t", "\\u{d}\\u{a}\\u{9}"),
            ("\u{7f}\u{0}", "\\u{7f}\\u{0}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{200b}\u{2066}\u{feff}", "\\u{200b}\\u{2066}\\u{feff}"),
            ("\u{e0041}\u{e0100}\u{fe0f}", "\\u{e0041}\\u{e0100}\\u{fe0f}"),
            ("\u{a0}\u{2028}\u{3164}\u{ad}", "\\u{a0}\\u{2028}\\u{3164}\\u{ad}"),
        ] {
            assert_eq!(printable(hidden), escaped);
        }
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let value = serde_json::json!({"a\u{202e}": "\u{1b}[2J\u{9b}é\u{e0041}\n\"\\"});
        let shown = printable_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(shown.chars().all(|character| character == '\n' || is_shown(character)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
