//! The report on a token: for people, and in JSON.

use serde_json::{Value, json};

use super::token::{Form, Part, Token};
use super::verification::{Signature, Verdict};
use super::{description, unusual};
use crate::answer::Answer;
use crate::json::Json;
use crate::terminal::{Page, Tone};
use crate::times::Seconds;

/// Everything about a token.
pub(super) struct Report<'t> {
    pub(super) token: &'t Token<'t>,
    pub(super) now: Seconds,
    pub(super) verdict: Option<Verdict>,
}

impl Report<'_> {
    /// Writes the report in both forms.
    pub(super) fn into_answer(self) -> Answer {
        let unusual = unusual::findings(self.token, self.now);
        let mut page = Page::default();
        page.title("Token");
        page.add(Tone::Plain, format!("  {}", description::of(self.token)));
        if let Some(header) = &self.token.header {
            page.title("Header");
            header_rows(&mut page, header);
        }
        if let Some(claims) = &self.token.claims {
            page.title(if self.is_genuine() { "Claims" } else { "Claims, which nothing has verified" });
            self.claim_rows(&mut page, claims);
        }
        if !unusual.is_empty() {
            page.title("Unusual");
            for finding in &unusual {
                page.entry(Tone::Warning, finding);
            }
        }
        page.title("Verdict");
        self.verdict_rows(&mut page);
        Answer::new(page, self.json(&unusual))
    }

    fn is_genuine(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.signature == Signature::Genuine)
    }

    fn claim_rows(&self, page: &mut Page, claims: &Part) {
        rows(page, claims, |name, value| self.time(name, value).unwrap_or_default());
    }

    /// Describes the value of a claim that is a time: "2026-11-30T12:00:00Z, expired 3 minutes ago".
    fn time(&self, name: &str, value: &Json) -> Option<String> {
        let verb = Some(description::claim(name)).filter(|verb| !verb.is_empty())?;
        let Some(time) = value.seconds().and_then(Seconds::new) else { return Some("not a time".to_owned()) };
        let verb = if name == "exp" && time <= self.now { "expired" } else { verb };
        Some(format!("{}, {verb} {}", time.rfc3339(), time.relative_to(self.now)))
    }

    fn verdict_rows(&self, page: &mut Page) {
        let Some(verdict) = &self.verdict else {
            if matches!(self.token.form, Form::ApiKey | Form::Opaque) {
                page.add(Tone::Bad, "  NOTHING WAS VERIFIED: only the service that created it can.");
                return;
            }
            page.add(Tone::Bad, "  NOTHING WAS VERIFIED: anyone can write such a token.");
            page.add(
                Tone::Plain,
                "  Give a key (--key, --secret-file, --jwks) or the URL of the issuer (--issuer).",
            );
            return;
        };
        match &verdict.outcome {
            Ok(payload) => {
                let kind = payload.kind().name();
                page.add(
                    Tone::Good,
                    format!("  VALID: the {kind} token of the user {:?}", payload.user_id()),
                );
            }
            Err(error) => {
                page.add(Tone::Bad, format!("  NOT VALID: {error}"));
                if let Some(reason) = verdict.reason() {
                    page.row(Tone::Plain, "reason", reason);
                }
                page.row(Tone::Plain, "signature", verdict.signature.words());
            }
        }
        verdict.advice.iter().for_each(|advice| page.entry(Tone::Plain, advice));
        verdict.warnings.iter().for_each(|warning| page.entry(Tone::Warning, warning));
    }

    fn json(&self, unusual: &[String]) -> Value {
        let part = |part: &Option<Part>| match part {
            Some(Ok(json)) => serde_json::to_value(json).unwrap_or_default(),
            _ => Value::Null,
        };
        let claims = self.token.claims.as_ref().and_then(|claims| claims.as_ref().ok());
        let times: serde_json::Map<_, _> = claims
            .map(Json::members)
            .unwrap_or_default()
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), self.time(name, value)?.into())))
            .collect();
        json!({
            "description": description::of(self.token),
            "header": part(&self.token.header),
            "claims": part(&self.token.claims),
            "times": times,
            "unusual": unusual,
            "verified": self.verdict.is_some(),
            "verdict": self.verdict.as_ref().map(verdict_json),
        })
    }
}

fn header_rows(page: &mut Page, header: &Part) {
    rows(page, header, |name, value| {
        let algorithm = value.as_str().filter(|_| name == "alg");
        algorithm.map(description::algorithm).unwrap_or_default().to_owned()
    });
}

/// Adds a row for each member: its name, its value, and what it means.
fn rows(page: &mut Page, part: &Part, meaning: impl Fn(&str, &Json) -> String) {
    let Ok(json) = part else { return page.add(Tone::Bad, UNREADABLE) };
    for (name, value) in json.members().iter().take(MOST_ROWS) {
        let meaning = meaning(name, value);
        let gap = if meaning.is_empty() { "" } else { "   " };
        page.row(Tone::Plain, quoted(name), format!("{}{gap}{meaning}", shortened(value)));
    }
    let more = json.members().len().saturating_sub(MOST_ROWS);
    if more > 0 {
        page.add(Tone::Plain, format!("  and {more} more"));
    }
}

fn verdict_json(verdict: &Verdict) -> Value {
    let payload = verdict.outcome.as_ref().ok();
    json!({
        "valid": verdict.is_valid(),
        "error": verdict.outcome.as_ref().err().map(ToString::to_string),
        "reason": verdict.reason(),
        "signature": verdict.signature.words(),
        "kind": payload.map(|payload| payload.kind().name()),
        "user_id": payload.map(|payload| payload.user_id()),
        "advice": verdict.advice,
        "warnings": verdict.warnings,
    })
}

impl Signature {
    fn words(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Wrong => "wrong",
            Self::Unchecked => "not checked",
        }
    }
}

/// Returns a name as it is, or in quotes if it has other characters than those of names.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '#' | '.' | ':' | '/');
    if (1..=100).contains(&name.len()) && name.chars().all(is_plain) {
        return name.to_owned();
    }
    shortened(&Json::String(name.to_owned()))
}

/// Returns a value in JSON, of a length that a terminal can show.
fn shortened(value: &Json) -> String {
    let text = value.to_string();
    let more = text.chars().count().saturating_sub(LONGEST_VALUE);
    if more == 0 {
        return text;
    }
    let start: String = text.chars().take(LONGEST_VALUE).collect();
    format!("{start} .. and {more} more characters")
}

/// The list of what is unusual has the reason.
const UNREADABLE: &str = "  it cannot be read";

/// Members that are shown.
const MOST_ROWS: usize = 200;

/// In characters.
const LONGEST_VALUE: usize = 1000;
