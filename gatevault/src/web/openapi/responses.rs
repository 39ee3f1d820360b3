//! The responses of a guard that denies a call.

use serde_json::{Value, json};

use super::document::Document;
use super::object::Object;
use crate::guard::GuardRecord;

/// Adds the denials of a guard to an operation, except those that the operation describes itself.
pub(super) fn add_denials(operation: &mut Object, guard: &GuardRecord) -> Result<(), serde_json::Error> {
    let mut responses = operation.read::<Object>("responses")?.unwrap_or_default();
    for denial in denials(guard) {
        if responses.get(denial.status).is_none() {
            let reference = format!("#/components/responses/{}", denial.name);
            responses.set(denial.status, &json!({"$ref": reference}))?;
        }
    }
    operation.set("responses", &responses)
}

/// Writes the responses that the guards of a document use, except those that the document has.
pub(super) fn write_components(
    document: &mut Document,
    guards: &[&GuardRecord],
) -> Result<(), serde_json::Error> {
    let is_used = |denial: &&Denial| guards.iter().any(|guard| denial.fits(guard));
    let mut responses = document.components("responses")?;
    for denial in DENIALS.iter().filter(is_used) {
        if responses.get(denial.name).is_none() {
            responses.set(denial.name, &denial.response())?;
        }
    }
    if responses.names().next().is_none() {
        return Ok(());
    }
    document.set_components("responses", &responses)
}

fn denials(guard: &GuardRecord) -> impl Iterator<Item = &'static Denial> {
    DENIALS.iter().filter(|denial| denial.fits(guard))
}

/// A status with which a guard denies a call.
pub(in crate::web) struct Denial {
    pub(in crate::web) status: &'static str,
    name: &'static str,
    description: &'static str,
    header: Option<&'static str>,
    /// True if only guards with roles, scopes or conditions respond so.
    needs_demands: bool,
}

impl Denial {
    fn fits(&self, guard: &GuardRecord) -> bool {
        guard.public.is_none() && (!self.needs_demands || !guard.demands.is_empty())
    }

    /// Returns the response, with a problem document (RFC 9457).
    pub(in crate::web) fn response(&self) -> Value {
        let string = json!({"type": "string"});
        let schema = json!({
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": string, "title": string, "status": {"type": "integer"},
                "error": string, "error_description": string,
            },
        });
        let mut response = json!({
            "description": self.description,
            "content": {"application/problem+json": {"schema": schema}},
        });
        if let (Some(header), Some(members)) = (self.header, response.as_object_mut()) {
            members.insert("headers".to_owned(), json!({header: {"schema": string}}));
        }
        response
    }
}

/// The components are named after their status. `Unavailable` is a guard whose keys or revocations are out of date.
pub(in crate::web) const DENIALS: &[Denial] = &[
    Denial {
        status: "401",
        name: "Unauthorized",
        description: "The token is missing or not valid",
        header: Some("WWW-Authenticate"),
        needs_demands: false,
    },
    Denial {
        status: "403",
        name: "Forbidden",
        description: "Not allowed",
        header: Some("WWW-Authenticate"),
        needs_demands: true,
    },
    Denial {
        status: "503",
        name: "Unavailable",
        description: "Temporarily unavailable",
        header: None,
        needs_demands: false,
    },
];
