//! Somebody with a browser without scripts, who fills in the forms of the hosted pages.

use reqwest::{
    Client, Url,
    header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use serde::Deserialize;
use std::{collections::BTreeMap, error::Error};

/// What somebody signs in with.
#[derive(Deserialize)]
pub struct Known {
    name: String,
    password: String,
    pub email: String,
}

pub struct Person<'a> {
    http: &'a Client,
    known: &'a Known,
    cookies: BTreeMap<String, String>,
}

impl<'a> Person<'a> {
    /// With a client that follows no redirects.
    pub fn new(http: &'a Client, known: &'a Known) -> Self {
        Self {
            http,
            known,
            cookies: BTreeMap::new(),
        }
    }

    /// Goes to an address and says yes to whatever is asked there, until the browser is sent to `until`.
    pub async fn go(&mut self, mut at: Url, until: &str) -> Result<Url, Box<dyn Error>> {
        let mut form = None;
        for _ in 0..20 {
            if at.as_str().starts_with(until) {
                return Ok(at);
            }
            let mut request = match form.take() {
                None => self.http.get(at.clone()),
                Some(fields) => {
                    let origin = at.origin().ascii_serialization();
                    self.http.post(at.clone()).header(ORIGIN, origin).form(&fields)
                }
            };
            for (name, value) in &self.cookies {
                request = request.header(COOKIE, format!("{name}={value}"));
            }
            let answer = request.send().await?;
            for line in answer.headers().get_all(SET_COOKIE) {
                let pair = line.to_str()?.split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').ok_or("a cookie has a value")?;
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(to) = answer.headers().get(LOCATION) {
                at = at.join(to.to_str()?)?;
                continue;
            }
            let page = answer.error_for_status()?.text().await?;
            form = Some(self.fill(&page));
            let action = tags(&page, "<form ").find_map(|tag| attribute(tag, "action"));
            at = at.join(&action.unwrap_or_else(|| at.to_string()))?;
        }
        Err(format!("does not come to {until}").into())
    }

    /// The fields of the form of a page.
    fn fill(&self, page: &str) -> BTreeMap<String, String> {
        let field = |tag| {
            let name = attribute(tag, "name")?;
            let value = match &*name {
                "username" => self.known.name.clone(),
                "password" => self.known.password.clone(),
                _ => attribute(tag, "value").unwrap_or_default(),
            };
            Some((name, value))
        };
        tags(page, "<input ").filter_map(field).collect()
    }
}

fn tags<'p>(page: &'p str, begin: &str) -> impl Iterator<Item = &'p str> {
    page.split(begin).skip(1).filter_map(|rest| rest.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let escapes = [
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let escaped = rest.split('"').next()?.to_owned();
    Some(escapes.iter().fold(escaped, |text, (from, to)| text.replace(from, to)))
}
