//! The counts in `data/README.md`.

use std::fs;
use std::path::Path;

use super::{cookbook, parsed, rfc, wycheproof, wycheproof_sets};

const README: &str = include_str!("../data/README.md");

/// Returns the last cell of each row, by the folder in its first cell.
fn counts() -> Vec<(&'static str, &'static str)> {
    let rows = README.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        (cells[0].trim_matches('`'), *cells.last().unwrap())
    })
    .collect()
}

/// Returns the number of JSON files in a folder of `data`, at any depth.
fn files(folder: &str) -> usize {
    fn in_folder(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| if path.is_dir() { in_folder(&path) } else { path.extension().map_or(0, |_| 1) })
            .sum()
    }
    in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/data").join(folder))
}

/// Returns the number of tests in a file of Wycheproof.
fn tests(json: &str) -> usize {
    let file = parsed(json);
    let groups = file["testGroups"].as_array().unwrap().iter();
    groups.map(|group| group["tests"].as_array().unwrap().len()).sum()
}

#[test]
fn the_readme_has_the_numbers_of_files_and_vectors() {
    let [signatures, key_sets, tokens] =
        [wycheproof::SIGNATURES, wycheproof_sets::KEYS, wycheproof::CRYPTO].map(tests);
    let [signed, encrypted, keys] = [cookbook::SIGNED.len(), cookbook::ENCRYPTED.len(), cookbook::KEYS.len()];
    let [jws, refused, thumbprints] = ["jws", "refused", "thumbprints"].map(|list| rfc::examples(list).len());
    let expected = [
        (
            "wycheproof",
            format!(
                "{} files: {signatures} signatures, {key_sets} key sets, {tokens} tokens",
                files("wycheproof")
            ),
        ),
        (
            "cookbook",
            format!(
                "{} files: {signed} with signatures, {encrypted} encrypted, {keys} keys",
                files("cookbook")
            ),
        ),
        (
            "rfc",
            format!(
                "{} file: {jws} signatures, {refused} refused tokens, {thumbprints} thumbprints",
                files("rfc")
            ),
        ),
    ];
    let expected: Vec<_> = expected.iter().map(|(folder, counts)| (*folder, counts.as_str())).collect();
    assert_eq!(counts(), expected);
    // Every file is one of a list.
    assert_eq!((files("wycheproof"), files("cookbook"), files("rfc")), (3, signed + encrypted + keys, 1));
}
