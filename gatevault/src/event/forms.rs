//! The forms of an event: a line for people, and a map for other programs.

use std::fmt::{self, Display, Formatter};

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::Event;
use super::fields::FieldValue;

/// Writes one line: the name of the decision, then `name=value` for each known field. Text is in quotes and escaped.
impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.decision.name())?;
        self.fields().into_iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl Display for FieldValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Function(path) => write!(f, "{path}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(list) => write!(f, "{list:?}"),
            Self::User(id) => write!(f, "{id:?}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut event = serializer.serialize_map(None)?;
        event.serialize_entry("event", self.decision.name())?;
        for (name, value) in self.fields() {
            event.serialize_entry(name, &value)?;
        }
        event.end()
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Function(path) => serializer.collect_str(path),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => list.serialize(serializer),
            Self::User(id) => id.serialize(serializer),
            Self::Address(address) => serializer.collect_str(address),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
        }
    }
}
