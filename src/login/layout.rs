//! How a page becomes an answer: its template and its security headers.

use super::{
    files,
    form::{self, CsrfToken},
    page::{Link, Page},
    text::Text,
};
use crate::{
    captcha::Widget,
    kit::error::Result,
    setting::{self, Brand},
};
use anyhow::Context;
use minijinja::{Environment, context};
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use std::{collections::BTreeSet, sync::LazyLock};
use url::Url;

/// Values are escaped as HTML, which the name of the template asks for.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment
        .add_template("page.html", include_str!("templates/page.html"))
        .expect("the template of this program is valid: a test renders it");
    environment
});

/// The parts that every page of a tenant has.
pub(super) struct Layout<'a> {
    /// The path of the tenant.
    pub(super) base: &'a str,
    pub(super) brand: &'a Brand,
    pub(super) language: String,
    pub(super) text: Text,
    /// Parameters that are kept from page to page.
    pub(super) flow: Vec<(&'static str, String)>,
    /// The other language, and where this page is in it.
    pub(super) other: Option<(String, String)>,
    pub(super) csrf: Option<&'a CsrfToken>,
    /// The tenant's CAPTCHA, and the act it is solved for, where one is asked.
    pub(super) widget: Option<(Widget, String)>,
    /// Where else a form of it may bring a browser: browsers ask it of the redirect after a form as well.
    pub(super) leads: Option<&'a str>,
    /// Whether the page says of a password that is typed which rules it meets.
    pub(super) judges: bool,
    /// Whether nobody may learn where the browser was: the address or what is typed is a secret.
    pub(super) secret: bool,
}

impl Layout<'_> {
    /// The page as an answer.
    pub(super) fn render(&self, page: &Page) -> Result<String> {
        let say = |key| self.text.say(key);
        let color = files::Color::parse(&self.brand.color).map(files::Color::files);
        let other = self.other.as_ref().map(|(language, to)| context! { language, to });
        let values = context! {
            page, other, color,
            base => self.base,
            brand => context! {
                name => self.brand.name,
                subtitle => self.brand.subtitle,
                logo => self.picture(self.brand.logo_url.as_deref()).map(|(address, _)| address),
                dark => self.picture(self.brand.logo_url_dark.as_deref()).map(|(address, _)| address),
                icon => self.picture(self.brand.icon_url.as_deref()).map(|(address, _)| address),
            },
            more => self.more(),
            language => self.language,
            style => *files::STYLE_NAME,
            script => self.judges.then(|| &**files::SCRIPT_NAME),
            flow => self.flow,
            csrf => self.csrf.map(|token| context! { name => form::FIELD, value => token.field() }),
            widget => self.widget.as_ref().map(|(widget, action)| context! {
                script => widget.script, class => widget.class, site_key => widget.site_key, action,
            }),
            words => context! {
                error => say("error_title"),
                problems => say("problems"),
                optional => say("optional"),
                met => say("rule_met"),
                unmet => say("rule_unmet"),
                later => say("rule_later"),
                told => say("rules_met"),
                other_language => say("other_language"),
            },
        };
        let template = TEMPLATES.get_template("page.html");
        let text = template.and_then(|template| template.render(values));
        Ok(text.context("rendering a page")?)
    }

    /// Where people find more, as the tenant says.
    fn more(&self) -> Vec<Link> {
        let links = &self.brand.links;
        let contact = links.contact_email.as_ref().map(|address| format!("mailto:{address}"));
        let all = [
            ("help", links.help_url.clone()),
            ("contact", contact),
            ("terms", links.terms_url.clone()),
            ("privacy", links.privacy_url.clone()),
        ];
        let link = |(key, to): (&'static str, Option<String>)| Some(Link::new(self.text.say(key), to?));
        all.into_iter().filter_map(link).collect()
    }

    /// The address of a picture, and its origin unless that is the page's own.
    fn picture(&self, picture: Option<&str>) -> Option<(String, Option<String>)> {
        let picture = picture?;
        let address = setting::address(self.base, picture);
        if address != picture {
            return Some((address, None));
        }
        let url = address.parse::<Url>().ok()?;
        (url.scheme() == "https").then(|| (address, Some(url.origin().ascii_serialization())))
    }

    /// Sets the headers that tell browsers what this page may do.
    pub(super) fn set_security_headers(&self, headers: &mut HeaderMap) {
        let referrer = if self.secret { "no-referrer" } else { "same-origin" };
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Origins and languages are ASCII.
        if let Ok(policy) = HeaderValue::from_str(&self.policy()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Ok(language) = HeaderValue::from_str(&self.language) {
            headers.insert(header::CONTENT_LANGUAGE, language);
        }
    }

    fn policy(&self) -> String {
        let origin = |url: Option<Url>| {
            url.map(|url| format!(" {}", url.origin().ascii_serialization()))
                .unwrap_or_default()
        };
        let brand = self.brand;
        let pictures = [&brand.logo_url, &brand.logo_url_dark, &brand.icon_url];
        let origins = pictures
            .into_iter()
            .filter_map(|picture| self.picture(picture.as_deref())?.1);
        let pictures: BTreeSet<String> = origins.map(|origin| format!(" {origin}")).collect();
        let pictures = pictures.into_iter().collect::<String>();
        // Browsers ask it of the redirect after a form as well.
        let home = origin(self.brand.home_url.as_deref().and_then(|home| home.parse().ok()));
        let leads = self.leads.map(|source| format!(" {source}")).unwrap_or_default();
        let own: &[&str] = if self.judges { &["'self'"] } else { &[] };
        let (mut style, mut scripts) = (String::new(), own.to_vec());
        let mut frames = String::new();
        if let Some((widget, _)) = &self.widget {
            let sources = widget.sources;
            style = [&[""], sources.style].concat().join(" ");
            scripts = [sources.script, own].concat();
            frames = [("frame-src", sources.frame), ("connect-src", sources.connect)]
                .map(|(directive, sources)| format!("{directive} {}; ", sources.join(" ")))
                .concat();
        }
        let scripts = match scripts.is_empty() {
            true => frames,
            false => format!("script-src {}; {frames}", scripts.join(" ")),
        };
        format!(
            "default-src 'none'; style-src 'self'{style}; img-src 'self'{pictures}; {scripts}form-action 'self'{home}{leads}; \
             frame-ancestors 'none'; base-uri 'none'"
        )
    }
}

/// An answer in HTML.
pub(super) fn html(status: StatusCode, text: String) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        captcha::{self, Action, Captcha},
        kit::text::Language,
        setting::Links,
    };

    fn rendered(page: &Page, widget: Option<(Widget, String)>) -> (String, HeaderMap) {
        let brand = Brand {
            name: "<b>Acme</b>".to_owned(),
            color: "#1c7ed6".to_owned(),
            logo_url: Some("https://cdn.example.com/a?\"b".to_owned()),
            logo_url_dark: Some("https://cdn.example.com/dark".to_owned()),
            icon_url: Some("/files/ab/icon.png".to_owned()),
            home_url: Some("https://app.example.com/home".to_owned()),
            subtitle: Some("<i>All of it</i>".to_owned()),
            links: Links {
                help_url: Some("https://help.example.com/\"><i>".to_owned()),
                ..Links::default()
            },
        };
        let layout = Layout {
            base: "/t/acme",
            brand: &brand,
            language: "en".to_owned(),
            text: Text::of(Language::English),
            flow: vec![("return_to", "\"><script>".to_owned())],
            other: None,
            csrf: None,
            widget,
            leads: Some("com.example.app:"),
            judges: page.judges(),
            secret: true,
        };
        let mut headers = HeaderMap::new();
        layout.set_security_headers(&mut headers);
        (layout.render(page).unwrap(), headers)
    }

    #[test]
    fn a_page_trusts_its_logo_and_its_home_and_nothing_else() {
        let (html, headers) = rendered(&Page::new("Title"), None);
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; style-src 'self'; img-src 'self' https://cdn.example.com; form-action 'self' \
             https://app.example.com com.example.app:; frame-ancestors 'none'; base-uri 'none'"
        );
        assert!(
            !html.contains("<b>") && !html.contains("<i>") && !html.contains("<script"),
            "{html}"
        );
    }

    #[test]
    fn a_page_with_a_captcha_trusts_its_provider() {
        let policy: Captcha =
            serde_json::from_value(serde_json::json!({ "provider": "turnstile", "siteKey": "key" })).unwrap();
        let widget = captcha::widget(&policy).unwrap();
        let action = widget.action(Action::SignUp);
        let (html, headers) = rendered(&Page::new("Title"), Some((widget, action)));
        let html = html.replace("&#x2f;", "/");
        assert!(
            html.contains("<script src=\"https://challenges.cloudflare.com/turnstile/v0/api.js\" async defer>"),
            "{html}"
        );
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy
                .contains("script-src https://challenges.cloudflare.com; frame-src https://challenges.cloudflare.com;"),
            "{policy}"
        );
    }
}
