//! Errors of queries with a character that the database cannot store.

use std::error::Error;
use std::iter::successors;

/// Returns whether a database refused the text of a query: with another text, it would have answered.
///
/// PostgreSQL does so with a NUL, and with each character that the encoding of the database lacks.
pub(crate) fn is_refused_text(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<sqlx::Error>()?.as_database_error()?.code())
        .any(|code| REFUSED.contains(&&*code))
}

/// `character_not_in_repertoire` and `untranslatable_character`.
const REFUSED: [&str; 2] = ["22021", "22P05"];
