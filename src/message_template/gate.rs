//! What a template has to be like before it is kept, in an order: sizes, statements, variables, the engine, what comes out
//! for every combination of what may be empty, HTML.

use super::{
    html,
    problem::{Part, Problem, Rule},
    reader::{Is, Piece, Reader, always_prints},
    render::{Values, render},
    source::Source,
    variable::{Variable, required, variables},
};
use crate::message::Template;

/// Bytes of a subject, a text and an HTML.
pub(super) const SIZES: [(Part, usize); 3] = [(Part::Subject, 200), (Part::Text, 16 * 1024), (Part::Html, 64 * 1024)];

fn part_of(source: &Source, part: Part) -> &str {
    match part {
        Part::Subject => &source.subject,
        Part::Text => &source.text,
        Part::Html => &source.html,
    }
}

/// What is wrong with a template; `code_in_subject` is whether the tenant wants codes there, where a locked screen shows
/// them. What comes later in the order is looked at when all before it is right.
#[must_use]
pub fn check(kind: Template, source: &Source, code_in_subject: bool) -> Vec<Problem> {
    let sizes: Vec<_> = SIZES
        .into_iter()
        .filter_map(|(part, most)| size(part, part_of(source, part), most))
        .collect();
    if !sizes.is_empty() {
        return sizes;
    }
    let names: Vec<&str> = variables(kind).iter().map(|variable| variable.name).collect();
    let mut problems = vec![];
    let parts = SIZES.map(|(part, _)| {
        let mut reader = Reader::new(part_of(source, part), part, &names);
        let pieces = reader.read();
        problems.append(&mut reader.problems);
        pieces
    });
    if !problems.is_empty() {
        return problems;
    }
    if let Some(problem) = outcome(kind, source) {
        return vec![problem];
    }
    let [subject, text, html] = &parts;
    problems.extend(in_subject(&source.subject, subject, code_in_subject));
    let wanted = required(kind);
    for (part, pieces) in [(Part::Text, text), (Part::Html, html)] {
        if !wanted.is_empty() && !always_prints(pieces, wanted) {
            let why = format!("must print {} whichever way the branches go", wanted.join(" or "));
            problems.push(Problem::at(part, part_of(source, part), 0, Rule::Missing, why));
        }
    }
    problems.extend(html::check(&source.html, html));
    problems
}

fn size(part: Part, source: &str, most: usize) -> Option<Problem> {
    let why = match source.len() {
        _ if source.trim().is_empty() => "must not be empty".to_owned(),
        _ if source.contains('\0') => "may not have a NUL character".to_owned(),
        length if length > most => format!("has {length} bytes; {most} are the most"),
        _ => return None,
    };
    Some(Problem::at(part, "", 0, Rule::Length, why))
}

/// The values that a template is tried with: as long as they may be.
fn sentinels(known: &[Variable], empty: &[&str]) -> Values {
    known
        .iter()
        .fold(Values::default(), |values, variable| match variable.name {
            name if empty.contains(&name) => values.with(name, ""),
            "minutes" | "hours" | "days" => values.with_number(variable.name, 999),
            "color" | "ink" => values.with(variable.name, "#ffffff"),
            "code" => values.with("code", "000000"),
            "link" => values.with("link", &format!("https://{}", "x".repeat(400))),
            "address" => values.with("address", &"x".repeat(254)),
            name => values.with(name, &"x".repeat(60)),
        })
}

/// Whether it makes a message for every combination of what may be empty.
fn outcome(kind: Template, source: &Source) -> Option<Problem> {
    let known = variables(kind);
    let optional: Vec<&str> = known
        .iter()
        .filter(|known| known.optional)
        .map(|known| known.name)
        .collect();
    (0..1_u32 << optional.len()).find_map(|combination| {
        let empty = (0..optional.len()).filter(|n| combination & (1 << n) != 0);
        let empty: Vec<&str> = empty.map(|n| optional[n]).collect();
        let error = render(source, &sentinels(known, &empty)).err()?;
        let why = format!("{error:#}");
        let part = [Part::Html, Part::Text]
            .into_iter()
            .find(|part| why.contains(&format!("the {} of", part.name())));
        let (part, rule) = (part.unwrap_or(Part::Subject), Rule::Value);
        let line = error
            .downcast_ref::<minijinja::Error>()
            .and_then(minijinja::Error::line);
        let mut problem = Problem::at(part, "", 0, rule, why);
        problem.line = line.and_then(|line| line.try_into().ok()).unwrap_or(1);
        Some(problem)
    })
}

fn in_subject(source: &str, pieces: &[Piece<'_>], code_in_subject: bool) -> Vec<Problem> {
    let problem = |at, rule, why: &str| Problem::at(Part::Subject, source, at, rule, why);
    let places = pieces.iter().filter_map(|piece| {
        let at = piece.at.start;
        match piece.is {
            Is::Text(text) => {
                let line = text.find(['\n', '\r'])?;
                Some(problem(at + line, Rule::Value, "a subject is one line"))
            }
            Is::Print { of, .. } => match of {
                Some("code") if code_in_subject => {
                    let mut warning = problem(at, Rule::Place, "a locked screen shows the subject, and the code in it");
                    warning.is_warning = true;
                    Some(warning)
                }
                Some("code") => {
                    let why =
                        "a locked screen shows the subject, so there is no code in it, unless the policy mail says so";
                    Some(problem(at, Rule::Place, why))
                }
                Some("link") => Some(problem(at, Rule::Place, "there is no link in a subject")),
                None if source[piece.at.clone()].contains("code") || source[piece.at.clone()].contains("link") => Some(
                    problem(at, Rule::Place, "neither code nor link is in such an expression"),
                ),
                _ => None,
            },
            _ => None,
        }
    });
    places.collect()
}
