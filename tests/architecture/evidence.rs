//! The commands in docs/EVIDENCE.md: each figure has one, and it names packages, tests, benchmarks and scripts that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source::{Finding, assert_none, workspace};
use crate::threats::{Row, code, finding, read, rows};

const PAGE: &str = "docs/EVIDENCE.md";

/// The head of a table of figures.
const FIGURES: &str = "| figure | claimed in | command | needs |";

/// One package of the workspace.
#[derive(Debug)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

/// One test binary or benchmark of a package.
#[derive(Debug)]
struct Target {
    /// `test` or `bench`.
    kind: String,
    name: String,
    /// All Rust files in its folder, one after the other.
    text: String,
}

/// One file in `scripts`.
#[derive(Debug)]
struct Script {
    name: String,
    text: String,
}

impl Script {
    /// Returns whether the comment at the beginning lists the part.
    fn lists(&self, part: &str) -> bool {
        let comment = self.text.lines().take_while(|line| line.starts_with('#'));
        comment.filter_map(|line| line.strip_prefix("#   ")?.split(' ').next()).any(|listed| listed == part)
    }
}

fn scripts() -> Vec<Script> {
    let entries = fs::read_dir(workspace().join("scripts")).unwrap().map(Result::unwrap);
    let script = |entry: fs::DirEntry| Script {
        name: entry.file_name().to_string_lossy().into_owned(),
        text: fs::read_to_string(entry.path()).unwrap(),
    };
    entries.map(script).collect()
}

/// Returns the packages that the workspace lists.
fn packages() -> Vec<Package> {
    let manifest = read("Cargo.toml").unwrap();
    let members = manifest.split("members = [").nth(1).and_then(|rest| rest.split("\n]").next()).unwrap();
    members.lines().filter_map(|line| line.split('"').nth(1)).map(package).collect()
}

fn package(folder: &str) -> Package {
    let manifest = read(&format!("{folder}/Cargo.toml")).unwrap();
    let name = value(&manifest, "name").unwrap();
    let targets = manifest.split("\n[[").skip(1).filter_map(|section| {
        let kind = section.split("]]").next()?;
        let section = section.split("\n[").next()?;
        let (name, path) = (value(section, "name")?, value(section, "path")?);
        let text = text_of(&workspace().join(folder).join(path));
        ["test", "bench"].contains(&kind).then(|| Target { kind: kind.to_owned(), name, text })
    });
    Package { name, targets: targets.collect() }
}

/// Returns the first value of a key in a manifest.
fn value(manifest: &str, key: &str) -> Option<String> {
    let start = format!("{key} = \"");
    let line = manifest.lines().find_map(|line| line.strip_prefix(start.as_str()))?;
    Some(line.split('"').next()?.to_owned())
}

/// Returns the text of a file, or of the folder of a `main.rs`.
fn text_of(path: &Path) -> String {
    if !path.ends_with("main.rs") {
        return fs::read_to_string(path).unwrap_or_default();
    }
    let mut text = String::new();
    read_folder(path.parent().unwrap(), &mut text);
    text
}

fn read_folder(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            // A filter of tests is compared with the names of modules too.
            let (module, code) =
                (path.file_stem().unwrap().to_string_lossy(), fs::read_to_string(&path).unwrap());
            text.extend(["\nmod ", &module, ";\n", &code]);
        }
    }
}

/// Returns what a command names that is not there.
fn fault_of_a_command(command: &str, packages: &[Package], scripts: &[Script]) -> Option<String> {
    let mut words = command.split(' ').skip_while(|word| word.contains('='));
    let first = words.next().unwrap_or_default();
    let rest: Vec<_> = words.collect();
    if let Some(name) = first.strip_prefix("./scripts/") {
        let Some(script) = scripts.iter().find(|script| script.name == name) else {
            return Some(format!("there is no script {name}"));
        };
        let is_binary = |part: &str| {
            packages.iter().flat_map(|package| &package.targets).any(|target| target.name == part)
        };
        let unknown = rest.iter().find(|part| !script.lists(part) && !is_binary(part))?;
        return Some(format!("{name} has no part {unknown}"));
    }
    let ["bench" | "test", "-p", package, kind, target, arguments @ ..] = rest.as_slice() else {
        return Some(format!("not a command of a known form: {command}"));
    };
    if first != "cargo" || *kind != format!("--{}", rest[0]) {
        return Some(format!("not a command of a known form: {command}"));
    }
    let Some(package) = packages.iter().find(|known| known.name == *package) else {
        return Some(format!("there is no package {package}"));
    };
    let kind = kind.trim_start_matches('-');
    let Some(target) = package.targets.iter().find(|known| known.kind == kind && known.name == *target)
    else {
        return Some(format!("{} has no {kind} {target}", package.name));
    };
    let unknown = arguments.iter().find(|argument| !argument.starts_with('-') && !target.takes(argument))?;
    Some(format!("{} has nothing of the name {unknown}", target.name))
}

impl Target {
    /// Returns whether a test, or a section of a benchmark, has this name or a part of it.
    fn takes(&self, argument: &str) -> bool {
        if self.kind == "bench" {
            return self.text.contains(&format!("\"{argument}\""));
        }
        let names = ["fn ", "mod "].into_iter().flat_map(|start| self.text.split(start).skip(1));
        names.filter_map(|rest| rest.split(['(', ';', ' ', '<']).next()).any(|name| name.contains(argument))
    }
}

/// Returns the files and pages of the guide that a cell names and that do not exist.
fn missing_places(cell: &str) -> Vec<&str> {
    let exists = |place: &str| {
        let path = code(place).first().copied();
        text_at(place).is_some()
            || path.is_some_and(|path| !path.contains('/') || workspace().join(path).exists())
    };
    cell.split(", ").filter(|place| !place.is_empty() && !exists(place)).collect()
}

/// Returns the numbers in a text, without the commas between their digits. A part of a name, such as `HS256`, is none.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let words =
        text.split(|character: char| !character.is_ascii_alphanumeric() && !".,_".contains(character));
    let words = words.map(|word| word.trim_matches(['.', ',', '_']));
    words
        .filter(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .map(|word| word.replace([',', '_'], ""))
}

/// Returns the text of a file or page that a cell names, or `None` for the name of an item.
fn text_at(place: &str) -> Option<String> {
    let path = code(place).first().copied().unwrap_or(place);
    let guide = place.trim_start_matches("guide: ").to_lowercase().replace(' ', "_");
    read(path).or_else(|| read(&format!("gatevault/src/guide/{guide}.md")))
}

/// Returns the numbers of a figure that are in none of the files that a cell names.
fn missing_numbers(figure: &str, cell: &str) -> Vec<String> {
    let texts: Vec<_> = cell.split(", ").filter_map(text_at).collect();
    let claimed: BTreeSet<_> = texts.iter().flat_map(|text| numbers(text)).collect();
    numbers(figure).filter(|number| !texts.is_empty() && !claimed.contains(number)).collect()
}

fn faults(row: &Row<'_>, packages: &[Package], scripts: &[Script]) -> Vec<Finding> {
    let [figure, places, command, _] = row.cells.as_slice() else {
        return vec![finding(PAGE, row.line, format!("{} cells instead of 4", row.cells.len()))];
    };
    let mut messages: Vec<_> =
        missing_places(places).into_iter().map(|place| format!("there is no {place}")).collect();
    let missing = missing_numbers(figure, places).into_iter();
    messages.extend(missing.map(|number| format!("{number} is not in {places}")));
    match code(command).as_slice() {
        [one] if *command == format!("`{one}`") => {
            messages.extend(fault_of_a_command(one, packages, scripts));
        }
        _ => messages.push(format!("not one command: {command}")),
    }
    messages.into_iter().map(|message| finding(PAGE, row.line, message)).collect()
}

#[test]
fn every_figure_has_a_command_that_exists() {
    let page = read(PAGE).unwrap();
    let (rows, packages, scripts) = (rows(&page, FIGURES), packages(), scripts());
    assert!(rows.len() > 30, "{} figures", rows.len());
    assert_none(&rows.iter().flat_map(|row| faults(row, &packages, &scripts)).collect::<Vec<_>>());
}

fn script() -> Script {
    let text = "#!/bin/sh\n# Runs parts:\n#\n#   fuzz   the fuzz targets\n\n#   helper\n";
    Script { name: "test".to_owned(), text: text.to_owned() }
}

#[test]
fn commands_that_name_what_is_not_there_are_found() {
    let target = |kind: &str, name: &str, text: &str| Target {
        kind: kind.to_owned(),
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let targets = vec![
        target("test", "api", "\nmod throttle;\n#[test]\nfn guesses_have_to_wait() {}"),
        target("bench", "load", "match section { \"ends\" => {} }"),
    ];
    let packages = [Package { name: "shop".to_owned(), targets }];
    let scripts = [script()];
    let fault = |command: &str| fault_of_a_command(command, &packages, &scripts);
    for good in [
        "./scripts/test",
        "UPDATE=1 ./scripts/test api fuzz",
        "cargo test -p shop --test api",
        "cargo test -p shop --test api throttle -- --nocapture",
        "cargo test -p shop --test api guesses_have",
        "cargo bench -p shop --bench load -- ends",
    ] {
        assert_eq!(fault(good), None, "{good}");
    }
    for bad in [
        "",
        "cargo",
        "make figures",
        "./scripts/gone",
        "./scripts/test gone",
        "./scripts/test helper",
        "cargo test -p gone --test api",
        "cargo test -p shop --test load",
        "cargo bench -p shop --bench api",
        "cargo bench -p shop --test api",
        "cargo test -p shop --test api gone -- --nocapture",
        "cargo bench -p shop --bench load -- pauses",
        "cargo run -p shop",
    ] {
        assert!(fault(bad).is_some(), "{bad}");
    }
}

#[test]
fn a_figure_without_a_command_and_a_place_that_is_gone_are_found() {
    let page = format!(
        "{FIGURES}\n|---|---|---|---|\n| one | README.md | | |\n| 2 | guide: gone | `./scripts/test` | |\n| 3 | README.md |\n"
    );
    let found: Vec<_> = rows(&page, FIGURES).iter().flat_map(|row| faults(row, &[], &[script()])).collect();
    assert_eq!(found.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4, 5], "{found:?}");
}

#[test]
fn a_figure_whose_numbers_are_not_where_it_is_claimed_is_found() {
    let places = "SECURITY.md, guide: login, `LoginThrottle`";
    assert_eq!(missing_numbers("5,760 a day by HS256, 5.5 and 5,761 by none", places), ["5.5", "5761"]);
    assert_eq!(missing_numbers("5,761 a day", "`LoginThrottle`"), Vec::<String>::new(), "no page is named");
}
