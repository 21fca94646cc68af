//! The documentation as a site of the server.

use crate::support::{Person, TestApp};
use std::collections::{BTreeMap, BTreeSet};

/// The values of an attribute on a page.
fn values(page: &str, attribute: &str) -> BTreeSet<String> {
    let start = format!(" {attribute}=\"");
    let parts = page.split(start.as_str()).skip(1);
    parts
        .filter_map(|rest| Some(rest.split('"').next()?.to_owned()))
        .collect()
}

/// All pages that links lead to from the first, by their addresses, and all that they name.
async fn walk(anybody: &Person<'_>, base: &str) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (mut pages, mut named) = (BTreeMap::new(), BTreeSet::new());
    let mut left = vec![format!("{base}/docs/index.html")];
    while let Some(path) = left.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let page = anybody.get(path.strip_prefix(base).unwrap()).await;
        assert_eq!(page.status, 200, "{path}");
        let here: url::Url = format!("http://site.test{path}").parse().unwrap();
        let links = values(&page.text, "href").into_iter().chain(values(&page.text, "src"));
        for link in links.filter(|link| !link.starts_with("data:")) {
            let to = here.join(&link).unwrap();
            if to.host_str() != Some("site.test") {
                continue;
            }
            let below = to
                .path()
                .strip_prefix(base)
                .and_then(|path| path.strip_prefix("/docs/"));
            let kind = below.and_then(|path| path.rsplit_once('.'));
            if kind.is_some_and(|(_, kind)| kind == "html") {
                left.push(to.path().to_owned());
            }
            named.insert(to[url::Position::BeforePath..].to_owned());
        }
        pages.insert(path, page.text);
    }
    (pages, named)
}

#[tokio::test]
async fn every_link_of_the_documentation_leads_to_a_page_or_a_heading_that_is_there() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let anybody = acme.anybody();
    let base = "/t/acme";

    let (pages, named) = walk(&anybody, base).await;
    assert!(pages.len() > 15, "{:?}", pages.keys());
    assert!(
        pages.contains_key("/t/acme/docs/gateways/nginx.html"),
        "{:?}",
        pages.keys()
    );
    let headings = named.iter().filter(|link| link.contains('#')).count();
    assert!(headings > 10, "{named:?}");
    for link in named {
        let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
        match pages.get(path) {
            Some(page) => {
                let is_there = heading.is_empty() || values(page, "id").contains(heading);
                assert!(is_there, "{link} leads to no heading");
            }
            // A file, or the console and Swagger UI of the tenant.
            None => assert_eq!(
                anybody.get(path.strip_prefix(base).unwrap()).await.status,
                200,
                "{link}"
            ),
        }
    }
}

#[tokio::test]
async fn what_is_searched_in_names_addresses_that_are_there() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();

    let all: Vec<[String; 4]> = serde_json::from_str(&anybody.get("/docs/search.json").await.text).unwrap();
    assert!(all.len() > 100, "{}", all.len());
    let mut pages = BTreeMap::new();
    for [_, heading, address, _] in &all {
        let (path, name) = address.split_once('#').unwrap_or((address, ""));
        if !pages.contains_key(path) {
            let page = anybody.get(&format!("/docs/{path}")).await;
            assert_eq!(page.status, 200, "{path}");
            pages.insert(path.to_owned(), page.text);
        }
        let is_there = name.is_empty() || values(&pages[path], "id").contains(name);
        assert!(is_there, "{heading}: {address}");
    }
    let master_key = all.iter().find(|[_, heading, ..]| heading == "The master key").unwrap();
    assert_eq!(master_key[2], "operating.html#the-master-key");
    assert!(master_key[3].len() > 100, "{master_key:?}");
}

#[tokio::test]
async fn a_page_of_the_documentation_runs_no_script_but_its_own_and_what_is_missing_is_not_found() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();

    for path in ["/docs/", "/docs/index.html", "/docs/gateways/", "/docs/mail.html"] {
        let page = anybody.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{policy}"
        );
    }
    let moved = anybody.get("/docs").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/docs/"));
    for path in ["/docs/missing.html", "/docs/decisions.html", "/docs/gateways"] {
        assert_eq!(anybody.get(path).await.status, 404, "{path}");
    }
    assert_eq!(anybody.post("/docs/", &serde_json::json!({})).await.status, 405);
}
