//! The Markdown of the guide with links that lead to pages of this server.

use crate::sources::escaped;

/// Returns the Markdown as HTML, line by line as it is, with its links and its headings.
pub(crate) fn linked(markdown: &str) -> String {
    // Between the fences of code blocks.
    let blocks = markdown.split("```").enumerate();
    let blocks = blocks.map(|(number, block)| if number % 2 == 0 { prose(block) } else { escaped(block) });
    blocks.collect::<Vec<_>>().join("```")
}

fn prose(markdown: &str) -> String {
    let mut rest = markdown;
    let mut html = String::new();
    while let Some((before, text, target, after)) = next_link(rest) {
        html += &escaped(before);
        html += &link(text, target);
        rest = after;
    }
    html += &escaped(rest);
    html.split('\n').map(heading).collect::<Vec<_>>().join("\n")
}

/// Returns what is before the first link `[text](target)`, its parts, and what is after it.
fn next_link(markdown: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = markdown.split_once("](")?;
    let (target, after) = tail.split_once(')')?;
    // The text may have brackets of its own, as `#[protected]` has.
    let mut depth = 1_u32;
    let opens = |&(_, character): &(usize, char)| {
        depth = match character {
            ']' => depth.saturating_add(1),
            '[' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    };
    let (start, _) = head.char_indices().rev().find(opens)?;
    let (before, text) = head.split_at_checked(start)?;
    Some((before, text.strip_prefix('[')?, target, after))
}

/// Returns the link: to a page of the guide, to a heading or to another site. The documentation of an item is not served here.
fn link(text: &str, target: &str) -> String {
    let target = target.split_whitespace().next().unwrap_or_default();
    let address = match target.strip_prefix("crate::guide::") {
        Some(page) => {
            let (page, heading) = page.split_once('#').unwrap_or((page, ""));
            let heading = if heading.is_empty() { String::new() } else { format!("#{heading}") };
            Some(format!("/guide/{page}.md{heading}"))
        }
        None => (target.starts_with('#') || target.starts_with("https://")).then(|| target.to_owned()),
    };
    // A text may go over two lines, and each line is an element of its own.
    let parts = text.split('\n').map(|part| match &address {
        Some(address) => format!("<a href=\"{}\">{}</a>", escaped(address), escaped(part)),
        None => format!("<code>{}</code>", escaped(part)),
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// Returns a line, with the id that a link to it has if it is a heading.
fn heading(line: &str) -> String {
    let title = line.trim_start_matches('#').trim_start();
    if !line.starts_with('#') || title.is_empty() {
        return line.to_owned();
    }
    format!("<b id=\"{}\">{line}</b>", id(title))
}

/// Returns the id of a heading, as rustdoc writes it.
fn id(title: &str) -> String {
    let kept = title.chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ => character.is_alphanumeric().then(|| character.to_ascii_lowercase()),
    });
    kept.collect()
}
