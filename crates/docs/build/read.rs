//! Reads a file of Markdown: its title, its text as HTML, and its sections to search in.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::{BTreeMap, BTreeSet};

/// A file of the documentation.
pub(crate) struct Source {
    /// Where it is in the project.
    file: String,
    /// Where its page is in the site.
    pub(crate) path: String,
    /// Its first heading.
    pub(crate) title: String,
    text: String,
}

/// What was read of a file.
pub(crate) struct Read {
    pub(crate) html: String,
    /// Of each section its page's title, its heading, its address in the site, and its text.
    pub(crate) sections: Vec<[String; 4]>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Result<Self, String> {
        let title = text.lines().find_map(|line| line.strip_prefix("# "));
        let path = file.trim_start_matches("docs/").to_lowercase();
        let path = path.trim_end_matches(".md");
        let path = match path.strip_suffix("readme") {
            Some(folder) => format!("{folder}index.html"),
            None => format!("{path}.html"),
        };
        Ok(Self {
            file: file.to_owned(),
            path,
            title: title.ok_or_else(|| format!("{file} has no title"))?.replace('`', ""),
            text: text.to_owned(),
        })
    }

    /// How far up the site's base is.
    pub(crate) fn root(&self) -> String {
        "../".repeat(self.path.matches('/').count())
    }

    /// The file as HTML. A link to what is no page of the site is left out, and its text stays.
    pub(crate) fn read(&self, all: &BTreeMap<&str, Source>) -> Result<Read, String> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut events: Vec<Event<'_>> = Parser::new_ext(&self.text, options).collect();
        let sections = self.name_headings(&mut events);
        let mut open = vec![];
        for event in &mut events {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    let target = self.target(dest_url, all);
                    open.push(target.is_some());
                    match target {
                        Some(target) => *dest_url = target.into(),
                        None => *event = Event::Text(CowStr::Borrowed("")),
                    }
                }
                Event::End(TagEnd::Link) if open.pop() == Some(false) => *event = Event::Text(CowStr::Borrowed("")),
                // The one way to break a line within a cell.
                Event::InlineHtml(raw) if &**raw == "<br>" => {}
                Event::Html(raw) | Event::InlineHtml(raw) => {
                    return Err(format!("{} has HTML, which is not Markdown: {raw}", self.file));
                }
                _ => {}
            }
        }
        let mut html = String::new();
        html::push_html(&mut html, events.into_iter());
        // What is wider than the page is scrolled, also by keys.
        let html = html
            // A table whose columns need no names.
            .replace("<thead><tr><th></th><th></th></tr></thead>", "")
            .replace("<pre>", "<pre tabindex=\"0\">")
            .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
            .replace("</table>", "</table></div>");
        Ok(Read { html, sections })
    }

    /// Gives each heading the name that links to it have, and answers the sections.
    fn name_headings(&self, events: &mut [Event<'_>]) -> Vec<[String; 4]> {
        let (mut sections, mut names): (Vec<[String; 4]>, _) = (vec![], BTreeSet::new());
        let mut heading: Option<usize> = None;
        for at in 0..events.len() {
            match &events[at] {
                Event::Start(Tag::Heading { .. }) => {
                    heading = Some(at);
                    sections.push([self.title.clone(), String::new(), self.path.clone(), String::new()]);
                }
                Event::End(TagEnd::Heading(level)) => {
                    let level = *level;
                    let Some((start, section)) = heading.take().zip(sections.last_mut()) else {
                        continue;
                    };
                    let name = unused(&mut names, slug(&section[1]));
                    if level != HeadingLevel::H1 {
                        section[2] = format!("{}#{name}", self.path);
                    }
                    if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                        *id = Some(name.into());
                    }
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some(section) = sections.last_mut() {
                        let to = if heading.is_some() { 1 } else { 3 };
                        section[to].push_str(text);
                    }
                }
                Event::SoftBreak | Event::HardBreak | Event::End(_) => {
                    if let Some(section) = sections.last_mut().filter(|_| heading.is_none()) {
                        section[3].push(' ');
                    }
                }
                _ => {}
            }
        }
        sections
    }

    /// Where a link leads in the site.
    fn target(&self, link: &str, all: &BTreeMap<&str, Source>) -> Option<String> {
        if link.contains("://") || link.starts_with('#') {
            return Some(link.to_owned());
        }
        let (file, part) = link
            .split_once('#')
            .map_or((link, None), |(file, part)| (file, Some(part)));
        let mut folders: Vec<&str> = self.file.split('/').collect();
        folders.pop();
        for step in file.split('/') {
            match step {
                ".." => drop(folders.pop()),
                step => folders.push(step),
            }
        }
        let path = &all.get(folders.join("/").as_str())?.path;
        let part = part.map(|part| format!("#{part}")).unwrap_or_default();
        Some(format!("{}{path}{part}", self.root()))
    }
}

/// The name of a heading, as Git hosts name it.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn unused(names: &mut BTreeSet<String>, name: String) -> String {
    let numbered = (1..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.clone())
        .chain(numbered)
        .find(|name| !names.contains(name));
    let free = free.unwrap_or(name);
    names.insert(free.clone());
    free
}
