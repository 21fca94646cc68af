//! Writes the pages.

use crate::read::Source;
use std::{collections::BTreeMap, fmt::Write};

/// The list of all pages, as each of them shows it.
pub(crate) struct Nav(Vec<(&'static str, Vec<(String, String)>)>);

impl Nav {
    pub(crate) fn new(parts: &[(&'static str, &[&str])], sources: &BTreeMap<&str, Source>) -> Self {
        let of = |file: &&str| {
            sources
                .get(file)
                .map(|source| (source.path.clone(), source.title.clone()))
        };
        let parts = parts
            .iter()
            .map(|(name, files)| (*name, files.iter().filter_map(of).collect()));
        Self(parts.collect())
    }

    fn html(&self, at: &str, root: &str) -> String {
        let mut html = String::new();
        for (part, pages) in &self.0 {
            let _ = write!(html, "<h2>{part}</h2><ul>");
            for (path, title) in pages {
                let here = if path == at { " aria-current=\"page\"" } else { "" };
                let _ = write!(html, "<li><a href=\"{root}{path}\"{here}>{}</a></li>", escape(title));
            }
            html.push_str("</ul>");
        }
        html
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The page of a source.
pub(crate) fn write(nav: &Nav, source: &Source, text: &str) -> String {
    let root = source.root();
    let title = match source.path.as_str() {
        "index.html" => "Tenantry documentation".to_owned(),
        _ => format!("{} · Tenantry documentation", escape(&source.title)),
    };
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}site.css">
<script src="{root}site.js" data-root="{root}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="home" href="{root}index.html">Tenantry <span>documentation</span></a>
<div id="search"></div>
<ul>
<li><a href="{root}../console/">Console</a></li>
<li><a href="{root}../swagger-ui/">Swagger UI</a></li>
</ul>
</header>
<div class="columns">
<nav aria-label="Pages">{}</nav>
<main id="content" tabindex="-1">
<article id="text">
{text}</article>
</main>
</div>
</body>
</html>
"##,
        nav.html(&source.path, &root)
    )
}
