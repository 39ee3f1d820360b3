//! Statements with their parameters written into them.
//!
//! Such a statement is one message, and its answer another. A statement with bound parameters is prepared in one exchange of
//! messages and run in the next, and a connection pooler may run it on another connection than the one that prepared it.

use std::fmt::Write as _;

use crate::store::sql::dialect::Parameter;

/// Returns the statement with a literal in the place of each `$n`.
pub(super) fn inline(statement: &str, parameters: &[Parameter]) -> String {
    let mut pieces = statement.split('$');
    let mut sql = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|character: char| character.is_ascii_digit());
        let number: Option<usize> = piece.strip_suffix(rest).and_then(|digits| digits.parse().ok());
        match number.and_then(|number| parameters.get(number.checked_sub(1)?)) {
            Some(parameter) => sql.push_str(&literal(parameter)),
            None => sql.extend(["$", piece.strip_suffix(rest).unwrap_or_default()]),
        }
        sql.push_str(rest);
    }
    sql
}

/// Returns the literal of a parameter, with the type that the bound parameter has.
///
/// Text is in hexadecimal digits, so that no content and no setting of the server (`standard_conforming_strings`,
/// `backslash_quote`) has a say in where the literal ends.
fn literal(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Integer(None) => "NULL::BIGINT".to_owned(),
        Parameter::Integer(Some(number)) => format!("'{number}'::BIGINT"),
        Parameter::Text(None) => "NULL::pg_catalog.text".to_owned(),
        Parameter::Text(Some(text)) => {
            let digits = text.bytes().fold(String::new(), |mut digits, byte| {
                let _never_fails = write!(digits, "{byte:02x}");
                digits
            });
            format!("pg_catalog.convert_from(pg_catalog.decode('{digits}', 'hex'), 'UTF8')")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_becomes_a_literal_of_its_type() {
        let parameters: Vec<Parameter> =
            vec![String::from("a'\\$2").into(), Parameter::Integer(Some(-5)), Parameter::Text(None)];
        assert_eq!(
            inline("SELECT $1, $2 / 7, $3 WHERE a = $1", &parameters),
            "SELECT pg_catalog.convert_from(pg_catalog.decode('61275c2432', 'hex'), 'UTF8'), '-5'::BIGINT / 7, \
             NULL::pg_catalog.text WHERE a = pg_catalog.convert_from(pg_catalog.decode('61275c2432', 'hex'), 'UTF8')"
        );
    }

    #[test]
    fn a_number_of_two_digits_is_one_parameter() {
        let parameters: Vec<Parameter> = (1..=11).map(Some).map(Parameter::Integer).collect();
        assert_eq!(inline("$1 $10 $11", &parameters), "'1'::BIGINT '10'::BIGINT '11'::BIGINT");
    }

    #[test]
    fn what_is_no_parameter_stays() {
        assert_eq!(inline("SELECT $3, '$', $0$", &[Parameter::Integer(Some(1))]), "SELECT $3, '$', $0$");
    }
}
