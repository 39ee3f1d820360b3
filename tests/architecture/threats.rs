//! The threats in SECURITY.md: each row of their tables names tests that exist, and the page refers to nothing that does not.

use std::fs;

use crate::source::{Finding, assert_none, workspace};
use crate::test_names::TestFile;

const PAGE: &str = "SECURITY.md";

/// The head of a table of threats.
const THREATS: &str = "| threat | mitigation | held by |";

/// The head of a table of requirements of the ASVS.
const REQUIREMENTS: &str = "| number | level | subject | by | where |";

/// The heads of the other tables.
const OTHERS: [&str; 2] = ["| boundary | what crosses it |", "| number | level | what is missing |"];

/// Returns a file of the workspace, or `None` if there is none.
type Read<'r> = &'r dyn Fn(&str) -> Option<String>;

/// One row of a table: its line and its cells.
#[derive(Debug, PartialEq)]
pub(crate) struct Row<'p> {
    pub(crate) line: usize,
    pub(crate) cells: Vec<&'p str>,
}

/// Returns the rows of the tables with this head.
pub(crate) fn rows<'p>(page: &'p str, head: &str) -> Vec<Row<'p>> {
    let mut is_inside = false;
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(page.lines()) {
        if !text.starts_with('|') {
            is_inside = false;
        } else if text == head {
            is_inside = true;
        } else if is_inside && !text.starts_with("|---") {
            let text = text.strip_prefix('|').unwrap_or(text);
            let cells = text.strip_suffix('|').unwrap_or(text).split('|').map(str::trim).collect();
            rows.push(Row { line, cells });
        }
    }
    rows
}

/// Returns the inline code of a cell.
pub(crate) fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

pub(crate) fn finding(path: &str, line: usize, message: String) -> Finding {
    Finding { path: path.to_owned(), line, message }
}

/// Returns what is wrong with the tests that a row names: `path::function`, `::function` of the file before, or the path of a
/// case of `tests/ui`.
fn faults_of_a_row(row: &Row<'_>, read: Read<'_>) -> Vec<String> {
    let [_, _, held_by] = row.cells.as_slice() else {
        return vec![format!("{} cells instead of 3", row.cells.len())];
    };
    let references = code(held_by);
    if references.is_empty()
        || references.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") != *held_by
    {
        return vec![format!("not a list of tests: {held_by}")];
    }
    let mut file = "";
    let mut faults = Vec::new();
    for reference in references {
        let (path, function) = reference.split_once("::").unwrap_or((reference, ""));
        file = if path.is_empty() { file } else { path };
        let is_there = if function.is_empty() { is_case(file, read) } else { has_test(file, function, read) };
        if !is_there {
            faults.push(format!("there is no test {file}::{function}"));
        }
    }
    faults
}

/// Returns whether the file is a case of `tests/ui` with a recorded message of the compiler.
fn is_case(path: &str, read: Read<'_>) -> bool {
    let Some(case) = path.strip_prefix("tests/ui/fail/").and_then(|case| case.strip_suffix(".rs")) else {
        return false;
    };
    ["rs", "stderr"].iter().all(|ending| read(&format!("tests/ui/fail/{case}.{ending}")).is_some())
}

fn has_test(path: &str, function: &str, read: Read<'_>) -> bool {
    let Some(text) = read(path) else {
        return false;
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let main = read(&format!("{folder}/main.rs")).unwrap_or_default();
    TestFile::parse(&text).has_test(function, &TestFile::parse(&main))
}

fn faults_of_threats(page: &str, read: Read<'_>) -> Vec<Finding> {
    let rows = rows(page, THREATS);
    rows.iter()
        .flat_map(|row| faults_of_a_row(row, read).into_iter().map(|fault| finding(PAGE, row.line, fault)))
        .collect()
}

/// Returns the tables of another form, whose rows nothing checks.
fn unknown_tables(page: &str) -> Vec<Finding> {
    let lines: Vec<_> = page.lines().collect();
    let heads = (1..).zip(lines.windows(2)).filter(|(_, pair)| pair[1].starts_with("|---"));
    let unknown =
        heads.filter(|(_, pair)| ![THREATS, REQUIREMENTS].contains(&pair[0]) && !OTHERS.contains(&pair[0]));
    unknown.map(|(line, pair)| finding(PAGE, line, format!("a table of another form: {}", pair[0]))).collect()
}

/// Returns the requirements that are not written as `6.2.1`, with a level and what does it.
fn faults_of_requirements(page: &str) -> Vec<Finding> {
    let is_number = |number: &str| {
        let parts: Vec<_> = number.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u8>().is_ok())
    };
    let is_sound = |row: &Row<'_>| {
        let [numbers, levels, subject, by, place] = row.cells.as_slice() else {
            return false;
        };
        let mut numbers = numbers.split(", ").flat_map(|range| range.split(" to "));
        numbers.all(is_number)
            && levels.split(", ").all(|level| ["1", "2", "3"].contains(&level))
            && ["library", "both", "application"].contains(by)
            && !subject.is_empty()
            && !place.is_empty()
    };
    let rows = rows(page, REQUIREMENTS).into_iter().filter(|row| !is_sound(row));
    rows.map(|row| finding(PAGE, row.line, format!("not a requirement: {}", row.cells.join(" | ")))).collect()
}

/// Returns the anchor that a heading gets on a repository page.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Returns the links to sections that the page does not have, and the pages of the guide that do not exist.
fn faults_of_links(page: &str, read: Read<'_>) -> Vec<Finding> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchors: Vec<_> = headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect();
    let mut faults = Vec::new();
    for (line, text) in (1..).zip(page.lines()) {
        let links = text.split("](#").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !anchors.iter().any(|anchor| anchor == link)) {
            faults.push(finding(PAGE, line, format!("there is no section #{link}")));
        }
        for guide in code(text).into_iter().filter(|name| name.starts_with("guide/")) {
            if read(&format!("gatevault/src/{guide}")).is_none() {
                faults.push(finding(PAGE, line, format!("there is no {guide}")));
            }
        }
    }
    faults
}

pub(crate) fn read(path: &str) -> Option<String> {
    fs::read_to_string(workspace().join(path)).ok()
}

#[test]
fn every_threat_is_held_by_tests_that_exist() {
    let page = read(PAGE).unwrap();
    assert!(rows(&page, THREATS).len() > 150, "{} threats", rows(&page, THREATS).len());
    assert_none(&unknown_tables(&page));
    assert_none(&faults_of_threats(&page, &read));
}

#[test]
fn every_requirement_of_the_asvs_has_a_level_and_an_answer() {
    let page = read(PAGE).unwrap();
    assert!(rows(&page, REQUIREMENTS).len() > 100, "{} requirements", rows(&page, REQUIREMENTS).len());
    assert_none(&faults_of_requirements(&page));
}

#[test]
fn security_md_links_to_sections_and_pages_that_exist() {
    assert_none(&faults_of_links(&read(PAGE).unwrap(), &read));
}

#[test]
fn a_row_without_a_test_and_tests_that_do_not_exist_are_found() {
    let files = |path: &str| match path {
        "tests/a.rs" => Some("#[test] fn holds() {} #[test] fn too() {} fn helps() {}".to_owned()),
        "tests/ui/fail/b.rs" | "tests/ui/fail/b.stderr" | "tests/ui/fail/unrecorded.rs" => {
            Some(String::new())
        }
        _ => None,
    };
    let faults = |held_by: &str| {
        let page = format!("{THREATS}\n|---|---|---|\n| a threat | refused | {held_by} |\n");
        faults_of_threats(&page, &files).into_iter().map(|fault| fault.message).collect::<Vec<_>>()
    };
    assert_eq!(faults("`tests/a.rs::holds`, `::too`, `tests/ui/fail/b.rs`"), Vec::<String>::new());
    assert_eq!(faults("`tests/a.rs::helps`"), ["there is no test tests/a.rs::helps"]);
    assert_eq!(faults("`tests/a.rs::holds`, `::gone`"), ["there is no test tests/a.rs::gone"]);
    assert_eq!(faults("`tests/gone.rs::holds`"), ["there is no test tests/gone.rs::holds"]);
    assert_eq!(faults("`tests/ui/fail/unrecorded.rs`"), ["there is no test tests/ui/fail/unrecorded.rs::"]);
    assert_eq!(faults("`tests/a.rs`"), ["there is no test tests/a.rs::"]);
    for list in ["", "a test", "see `tests/a.rs::holds`", "`tests/a.rs::holds` and `::too`"] {
        assert_eq!(faults(list).len(), 1, "{list}");
    }
    let short = format!("{THREATS}\n|---|---|---|\n| a threat | `tests/a.rs::holds` |\n");
    assert_eq!(faults_of_threats(&short, &files).len(), 1);
    assert_eq!(unknown_tables(&short), []);
    assert_eq!(unknown_tables("\n| tried | answer |\n|---|---|\n").len(), 1);
}

#[test]
fn a_requirement_of_another_form_and_a_broken_link_are_found() {
    let requirement = |row: &str| faults_of_requirements(&format!("{REQUIREMENTS}\n|---|\n{row}\n")).len();
    assert_eq!(requirement("| 6.2.1, 6.2.3 to 6.2.5 | 1, 2 | passwords | both | here |"), 0);
    for row in [
        "| 6.2 | 1 | passwords | both | here |",
        "| V6.2.1 | 1 | passwords | both | here |",
        "| 6.2.1 | 4 | passwords | both | here |",
        "| 6.2.1 | 1 | passwords | the user | here |",
        "| 6.2.1 | 1 | passwords | both |",
    ] {
        assert_eq!(requirement(row), 1, "{row}");
    }
    let page = "## OWASP ASVS 5.0\n[a](#owasp-asvs-50) [b](#gone) `guide/gone.md`\n";
    let faults = faults_of_links(page, &|_| None);
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 2]);
}
