//! A browser without scripts: it keeps cookies, reads forms, and sends them as browsers do.

use super::{Reply, Tenant};
use reqwest::{Method, header::HeaderMap};
use std::{cell::RefCell, collections::BTreeMap};

/// Somebody's browser.
pub(crate) struct Browser<'a> {
    tenant: Tenant<'a>,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
    pub(crate) headers: HeaderMap,
}

/// A page that was opened.
pub(crate) struct Page {
    /// Where it is, with its query.
    pub(crate) at: String,
    pub(crate) reply: Reply,
}

impl<'a> Tenant<'a> {
    /// A browser that was never here.
    pub(crate) fn browser(&self) -> Browser<'a> {
        Browser {
            tenant: self.clone(),
            cookies: RefCell::default(),
            headers: HeaderMap::new(),
        }
    }

    /// The part of the path that names the tenant.
    pub(crate) fn prefix(&self) -> &str {
        self.base.strip_prefix(&self.app.base).unwrap()
    }
}

impl Browser<'_> {
    /// Opens a page of the tenant.
    pub(crate) async fn open(&self, path: &str) -> Page {
        self.request(Method::GET, &format!("{}{path}", self.tenant.prefix()), None)
            .await
    }

    /// Sends the form of a page with these fields typed in.
    pub(crate) async fn submit(&self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.hidden();
        fields.extend(
            typed
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.request(Method::POST, &page.action(), Some(fields)).await
    }

    /// Opens a page and sends its form.
    pub(crate) async fn fill(&self, path: &str, typed: &[(&str, &str)]) -> Page {
        self.submit(&self.open(path).await, typed).await
    }

    /// Signs in with the page.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Page {
        self.fill("/login", &[("username", login), ("password", password)])
            .await
    }

    /// Sends a request to a path of the server, with what a browser adds.
    pub(crate) async fn request(&self, method: Method, path: &str, form: Option<Vec<(String, String)>>) -> Page {
        let url = format!("{}{path}", self.tenant.app.base);
        let cookies: Vec<_> = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self.tenant.app.http.request(method, url).headers(self.headers.clone());
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(form) = form {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
            if !self.headers.contains_key("sec-fetch-site") {
                request = request.header("sec-fetch-site", "same-origin");
            }
        }
        let reply = self.tenant.anybody().send(request).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        Page {
            at: path.to_owned(),
            reply,
        }
    }
}

impl Page {
    #[track_caller]
    pub(crate) fn expect(self, status: u16, words: &str) -> Self {
        assert_eq!(self.status(), status, "{}", self.reply.text);
        assert!(self.reply.text.contains(words), "{words}: {}", self.reply.text);
        self
    }

    /// Where the browser is sent on to.
    #[track_caller]
    pub(crate) fn leads(&self) -> &str {
        assert_eq!(self.status(), 303, "{}", self.reply.text);
        self.reply.header("location")
    }

    pub(crate) fn status(&self) -> u16 {
        self.reply.status.as_u16()
    }

    /// The hidden fields of its form.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let inputs = self.reply.text.split("<input type=\"hidden\"").skip(1);
        inputs
            .map(|rest| (attribute(rest, "name"), attribute(rest, "value")))
            .collect()
    }

    fn action(&self) -> String {
        let form = self.reply.text.split("<form ").nth(1).expect("a form on the page");
        let form = form.split('>').next().unwrap();
        match form.contains("action=") {
            true => attribute(form, "action"),
            false => self.at.clone(),
        }
    }
}

fn attribute(text: &str, name: &str) -> String {
    let value = text.split(&format!("{name}=\"")).nth(1).unwrap();
    plain(value.split('"').next().unwrap())
}

/// Text as it was before it was escaped.
pub(crate) fn plain(text: &str) -> String {
    let escapes = [
        ("&#x2f;", "/"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    escapes
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
