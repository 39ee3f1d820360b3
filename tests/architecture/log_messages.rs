//! The operator's reference: the log messages that the library emits, and the table that lists them.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{Source, Word, workspace};

/// One event as the sources emit it, or one row of the table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub(crate) message: String,
    pub(crate) level: String,
    pub(crate) fields: BTreeSet<String>,
}

const LEVELS: &[&str] = &["trace", "debug", "info", "warn", "error"];

/// The fields of a message that names the caller.
const CALLER: [&str; 5] = ["user", "token_id", "session", "issuer", "address"];

/// Returns the events of a file: the calls of `tracing`'s macros, and those of `log!`, which adds the caller.
pub(crate) fn emitted(source: &Source) -> Vec<Event> {
    let words = &source.words;
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let mut events = Vec::new();
    for at in 0..words.len() {
        let level = text(at + 2);
        if text(at) == "tracing" && text(at + 1) == "::" && LEVELS.contains(&level) && text(at + 3) == "!" {
            events.push(event(level, arguments(&words[at + 4..])));
        }
        if text(at) == "log" && text(at + 1) == "!" && LEVELS.contains(&text(at + 3)) {
            let mut arguments = arguments(&words[at + 2..]);
            arguments.drain(..2);
            let mut event = event(text(at + 3), arguments);
            event.fields.extend(CALLER.map(str::to_owned));
            events.push(event);
        }
    }
    events
}

/// Splits the bracket that `words` begins with at its commas.
fn arguments(words: &[Word]) -> Vec<Vec<&str>> {
    let mut arguments = vec![Vec::new()];
    let mut depth = 0_usize;
    for word in words {
        match word.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        match (word.text.as_str(), depth) {
            (_, 0) => break,
            ("(", 1) if arguments == [Vec::<&str>::new()] => {}
            (",", 1) => arguments.push(Vec::new()),
            (word, _) => arguments.last_mut().expect("there is one").push(word),
        }
    }
    arguments
}

fn event(level: &str, arguments: Vec<Vec<&str>>) -> Event {
    let mut event = Event { message: String::new(), level: level.to_uppercase(), fields: BTreeSet::new() };
    for argument in arguments {
        match argument.as_slice() {
            [] | ["target", ":", ..] => {}
            [literal] if literal.starts_with('"') => event.message = literal.trim_matches('"').to_owned(),
            [name, "=", ..] | [.., name] => drop(event.fields.insert((*name).to_owned())),
        }
    }
    event
}

/// Returns the rows of the table of events: `` | `message` | LEVEL | `field`, `field` | meaning | ``.
pub(crate) fn listed(page: &str) -> Vec<Event> {
    page.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Event> {
    let cells: Vec<_> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [message, level, fields, meaning, _] = cells.as_slice() else {
        return None;
    };
    let is_event = LEVELS.iter().any(|known| known.to_uppercase() == *level) && !meaning.is_empty();
    let fields = fields.split(',').map(|field| field.trim().trim_matches('`'));
    let fields = fields.flat_map(|field| match field {
        "" => Vec::new(),
        "the caller" => CALLER.to_vec(),
        field => vec![field],
    });
    is_event.then(|| Event {
        message: message.trim_matches('`').to_owned(),
        level: (*level).to_owned(),
        fields: fields.map(str::to_owned).collect(),
    })
}

/// Reads the page that lists the events.
pub(crate) fn page() -> String {
    let path = workspace().join("gatevault/src/guide/errors_and_logs.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Event, emitted, listed};
    use crate::source::Source;

    fn event(message: &str, level: &str, fields: &[&str]) -> Event {
        Event {
            message: message.to_owned(),
            level: level.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        }
    }

    #[test]
    fn the_calls_of_tracing_are_found_with_level_and_fields() {
        let text =
            "fn a() { tracing::warn!(target: \"gatevault\", %error, user = ?b(c, d), kept, \"not kept\"); }";
        assert_eq!(
            emitted(&Source::parse("a.rs", text)),
            [event("not kept", "WARN", &["error", "user", "kept"])]
        );
    }

    #[test]
    fn a_message_with_the_caller_has_its_five_fields() {
        let text = "fn a() { match b { C => log!(info, event, \"refused\", %denial, reason), } }";
        let all = ["user", "token_id", "session", "issuer", "address", "denial", "reason"];
        let expected = [event("refused", "INFO", &all)];
        assert_eq!(emitted(&Source::parse("a.rs", text)), expected);
        let page = "| `refused` | INFO | the caller, `denial`, `reason` | A token is not accepted. |";
        assert_eq!(listed(page), expected);
    }

    #[test]
    fn the_rows_of_the_table_are_events_and_other_tables_are_not() {
        let page = "| message | level | fields | meaning |\n|---|---|---|---|\n\
                    | `not kept` | WARN | `error`, `user` | A write failed. |\n\
                    | `kept` | INFO | | A write succeeded. |\n| `no meaning` | INFO | | |\n| a | b |\n";
        assert_eq!(listed(page), [event("not kept", "WARN", &["error", "user"]), event("kept", "INFO", &[])]);
    }
}
