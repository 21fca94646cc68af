//! Files that are embedded in the binary: those of Swagger UI and of the console.

use crate::support::{Person, TestApp};
use flate2::read::GzDecoder;
use reqwest::{Method, Response};
use std::{collections::BTreeMap, io::Read};

async fn ask(person: &Person<'_>, path: &str, accepted: &str, known: &str) -> Response {
    let request = person.request(Method::GET, path);
    let request = request
        .header("accept-encoding", accepted)
        .header("if-none-match", known);
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn unpacked(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = vec![];
    match coding {
        "br" => brotli::BrotliDecompress(&mut &*bytes, &mut plain).unwrap(),
        "gzip" => drop(GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
        other => {
            assert_eq!(other, "identity");
            plain = bytes.to_vec();
        }
    }
    plain
}

/// The bytes of a file that comes in exactly these codings, each with a tag of its own.
async fn content(person: &Person<'_>, path: &str, codings: &[&str]) -> Vec<u8> {
    let (mut tags, mut contents) = (BTreeMap::new(), vec![]);
    for accepted in ["br", "gzip", "identity"] {
        let answer = ask(person, path, accepted, "\"other\"").await;
        assert_eq!(answer.status(), 200, "{path} in {accepted}");
        assert_eq!(header(&answer, "vary"), "Accept-Encoding", "{path} in {accepted}");
        let coding = match header(&answer, "content-encoding") {
            "" => "identity",
            coding => coding,
        };
        let wanted = if codings.contains(&accepted) {
            accepted
        } else {
            "identity"
        };
        assert_eq!(coding, wanted, "{path} in {accepted}");
        tags.insert(wanted, header(&answer, "etag").to_owned());
        contents.push(unpacked(wanted, &answer.bytes().await.unwrap()));
    }
    assert!(
        contents.iter().all(|content| *content == contents[0]),
        "{path}: contents differ"
    );
    for (coding, tag) in &tags {
        assert!(
            tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'),
            "{path}: {tag}"
        );
        for (other, known) in &tags {
            let answer = ask(person, path, coding, known).await;
            let expected = if coding == other { 304 } else { 200 };
            assert_eq!(answer.status(), expected, "{path} in {coding} to who has it in {other}");
            assert_eq!(header(&answer, "etag"), tag, "{path} in {coding}");
            let is_empty = answer.bytes().await.unwrap().is_empty();
            assert_eq!(is_empty, coding == other, "{path} in {coding} to who has it in {other}");
        }
    }
    contents.swap_remove(0)
}

/// What a page names in `src` and `href`.
fn named(page: &[u8]) -> Vec<String> {
    let page = std::str::from_utf8(page).unwrap();
    let links = page.split([' ', '>']).filter_map(|part| {
        let quoted = part.strip_prefix("src=\"").or_else(|| part.strip_prefix("href=\""))?;
        Some(quoted.split('"').next()?.trim_start_matches("./").to_owned())
    });
    links.collect()
}

const ALL: &[&str] = &["br", "gzip", "identity"];

#[tokio::test]
async fn every_file_of_swagger_ui_comes_in_each_coding_with_a_tag_of_its_own() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();

    let page = content(&anybody, "/swagger-ui/", ALL).await;
    assert_eq!(content(&anybody, "/swagger-ui/index.html", ALL).await, page);
    let names = named(&page);
    assert_eq!(names.len(), 7, "{names:?}");
    let is_png = |name: &str| std::path::Path::new(name).extension().is_some_and(|is| is == "png");
    for name in &names {
        let codings: &[&str] = match name.as_str() {
            // Written by the server, which has no Brotli.
            "swagger-initializer.js" => &["gzip", "identity"],
            // Compressed already.
            name if is_png(name) => &["identity"],
            _ => ALL,
        };
        let bytes = content(&anybody, &format!("/swagger-ui/{name}"), codings).await;
        assert!(bytes.len() > 100, "{name}");
        let png = bytes.starts_with(b"\x89PNG");
        assert_eq!(png, is_png(name), "{name}");
    }
    let redirect = content(&anybody, "/swagger-ui/oauth2-redirect.html", &["identity"]).await;
    assert_eq!(named(&redirect), ["oauth2-redirect.js"]);
    content(&anybody, "/swagger-ui/oauth2-redirect.js", ALL).await;
}

#[cfg(feature = "console")]
#[tokio::test]
async fn every_file_that_the_page_of_the_console_names_comes_in_each_coding_with_a_tag_of_its_own() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();

    let page = anybody.get("/console/").await.text;
    let mut names = named(page.as_bytes());
    names.retain(|name| name.starts_with("assets/"));
    assert!(names.len() > 1, "{page}");
    let mut sizes = vec![];
    for name in &names {
        let path = format!("/console/{name}");
        let plain = ask(&anybody, &path, "identity", "").await.bytes().await.unwrap();
        // What is tiny may get larger when it is packed, and is left as it is then.
        let packed = ask(&anybody, &path, "br", "").await;
        let is_packed = header(&packed, "content-encoding") == "br" || plain.len() > 500;
        let codings = if is_packed { ALL } else { &["identity"] };
        sizes.push(content(&anybody, &path, codings).await.len());
    }
    assert!(sizes.iter().any(|size| *size > 10_000), "{sizes:?}");
}
