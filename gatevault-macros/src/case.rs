//! `rename_all`: the case of field and variant names in tokens.

use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Result};

use crate::diagnostics::error;

/// A case, named as in serde.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// Converts the name of a field (`org_id`) or variant (`OrgId`) to this case.
    pub(crate) fn convert(self, name: &str) -> String {
        let words = words(name);
        match self {
            Self::Lower => name.to_lowercase(),
            Self::Upper => name.to_uppercase(),
            Self::Pascal => words.iter().map(|word| capitalized(word)).collect(),
            Self::Camel => uncapitalized(&Self::Pascal.convert(name)),
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => words.join("-").to_uppercase(),
        }
    }
}

impl Parse for Case {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: LitStr = input.parse()?;
        let known = CASES.iter().find(|(known, _)| *known == name.value());
        known.map(|(_, case)| *case).ok_or_else(|| {
            let names: Vec<_> = CASES.iter().map(|(name, _)| format!("{name:?}")).collect();
            error(&name, format!("expected one of {}", names.join(", ")))
        })
    }
}

/// Splits a name into its words, in lower case: a word begins after `_` and at a capital.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Converts the first letter to upper case.
fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Converts the first letter to lower case.
fn uncapitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

#[cfg(test)]
mod tests {
    use super::CASES;

    #[test]
    fn a_field_name_is_converted_as_in_serde() {
        let converted = CASES.map(|(_, case)| case.convert("org_id"));
        assert_eq!(converted, ["org_id", "ORG_ID", "OrgId", "orgId", "org_id", "ORG_ID", "org-id", "ORG-ID"]);
    }

    #[test]
    fn a_variant_name_is_converted_as_in_serde() {
        let converted = CASES.map(|(_, case)| case.convert("OrgId"));
        assert_eq!(converted, ["orgid", "ORGID", "OrgId", "orgId", "org_id", "ORG_ID", "org-id", "ORG-ID"]);
    }
}
