//! A form: its fields, and the CSRF token that says it is one of ours.

use crate::{
    kit::{
        error::{Code, Error, Result},
        headers::{SetCookie, cookie, is_same_site},
        http::receive,
        secret,
    },
    server::Server,
    tenant::Tenant,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::SameSite;
use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The largest form, in bytes.
const LIMIT: usize = 64 << 10;
/// Seconds for which a form can be sent after it was shown.
const LIFE: u32 = 3600;
/// The hidden field with the CSRF token.
pub(super) const FIELD: &str = "form_token";
/// The fields that widgets against robots fill in: Turnstile, hCaptcha, reCAPTCHA.
const CAPTCHA: &[&str] = &["cf-turnstile-response", "h-captcha-response", "g-recaptcha-response"];

/// The fields of a form, or the parameters of a query.
#[derive(Default)]
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    #[must_use]
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(bytes);
        Self(
            fields
                .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
                .collect(),
        )
    }

    /// The first field of this name; `None` if there is none or it is empty.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The only field of this name; `None` if there is none or it is empty.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn once(&self, name: &str) -> std::result::Result<Option<&str>, ()> {
        match self.0.iter().filter(|(field, _)| field == name).count() {
            0 | 1 => Ok(self.get(name)),
            _ => Err(()),
        }
    }

    /// Of these fields, but for those without a value.
    pub(super) fn of(fields: &[(&str, Option<String>)]) -> Self {
        let given = |(name, value): &(&str, Option<String>)| {
            let value = Zeroizing::new(value.clone()?);
            Some(((*name).to_owned(), value))
        };
        Self(fields.iter().filter_map(given).collect())
    }

    /// With one more.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    /// The same, empty if there is none.
    #[must_use]
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// The token that a CAPTCHA widget has put into the form, whatever the provider.
pub(super) fn captcha_token(form: &Form) -> Option<&str> {
    CAPTCHA.iter().find_map(|field| form.get(field))
}

/// A field as what it means.
///
/// # Errors
/// The field, with `code`: the name of its translation.
pub(super) fn parse<T: std::str::FromStr<Err = &'static str>>(form: &Form, field: &str, code: &str) -> Result<T> {
    match form.get(field) {
        Some(text) => text.parse().map_err(|why| Error::field(field, code, why)),
        None => Err(Error::field(field, "required", "is required")),
    }
}

/// Every field that is wrong, not only the first one.
pub(super) fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(Error::Invalid(mut all)), Err(Error::Invalid(more))) => {
            all.extend(more);
            Err(Error::Invalid(all))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Reads the body of a request as a form.
///
/// # Errors
/// [`Code::UnsupportedMediaType`], [`Code::TooLarge`], [`Code::BadRequest`].
pub(super) async fn read(request: &mut Request) -> Result<Form> {
    read_within(request, LIMIT).await
}

/// The same, of at most so many bytes.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_within(request: &mut Request, limit: usize) -> Result<Form> {
    let mut body = RequestBody::new(request.take_body());
    let bytes = receive(request, &mut body, &["application/x-www-form-urlencoded"], limit).await?;
    Ok(Form::parse(&bytes.unwrap_or_default()))
}

/// The CSRF token, which shows that a form is one of ours: a random value in a cookie of the
/// browser, and its keyed hash in the form. A site that makes a browser send a form knows neither,
/// and an attacker who plants a cookie of their own choice does not know the hash for another tenant.
pub(super) struct CsrfToken {
    value: Zeroizing<String>,
    field: String,
}

impl CsrfToken {
    /// The one this browser has, else a new one.
    pub(super) fn of(headers: &HeaderMap, server: &Server, tenant: &Tenant) -> Self {
        let known = cookie(headers, &name(server, tenant)).filter(|value| secret::is_token(value));
        let value = known.map_or_else(|| secret::new_token().0, |value| Zeroizing::new(value.to_owned()));
        Self {
            field: hash(server, tenant, &value),
            value,
        }
    }

    /// The value of the hidden field.
    pub(super) fn field(&self) -> &str {
        &self.field
    }

    /// The cookie, which lasts as long as a form may be looked at.
    pub(super) fn cookie(&self, server: &Server, tenant: &Tenant) -> String {
        let cookie = SetCookie {
            name: &name(server, tenant),
            value: &self.value,
            path: tenant.path() + "/login",
            lasts: LIFE,
            // People come here from applications at other sites, and forms in their other tabs are to live on. What
            // another site sends is refused by where it comes from.
            same_site: SameSite::Lax,
            secure: server.services.urls.is_secure(),
        };
        cookie.header()
    }
}

/// A dot, which no name of a tenant has: no other tenant's session has this name.
fn name(server: &Server, tenant: &Tenant) -> String {
    server.services.urls.cookie_name(tenant) + ".form"
}

fn hash(server: &Server, tenant: &Tenant, value: &str) -> String {
    URL_SAFE_NO_PAD.encode(server.services.master.hash(&format!("login-form/{}", tenant.id), value))
}

/// Whether somebody sent this form from a page of ours that this browser was shown.
///
/// # Errors
/// [`Code::CrossSite`].
pub(super) fn check(headers: &HeaderMap, server: &Server, tenant: &Tenant, form: &Form) -> Result<()> {
    let given = cookie(headers, &name(server, tenant)).filter(|value| secret::is_token(value));
    let is_signed = given.is_some_and(|value| {
        let expected = hash(server, tenant, value);
        expected.as_bytes().ct_eq(form.text(FIELD).as_bytes()).into()
    });
    if is_signed && is_from_here(headers, server, tenant) {
        Ok(())
    } else {
        Err(Code::CrossSite.into())
    }
}

/// Whether a browser says that a page of this origin sent the form.
fn is_from_here(headers: &HeaderMap, server: &Server, tenant: &Tenant) -> bool {
    // Pages that send no referrer send no origin either (Fetch §3.2.5), and without https browsers
    // have no Fetch Metadata: there the token alone decides.
    let is_silent =
        !headers.contains_key("sec-fetch-site") && headers.get(header::ORIGIN).is_some_and(|origin| origin == "null");
    (is_silent && !server.services.urls.is_secure()) || is_same_site(headers, &server.services.urls.origin(tenant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_field_of_a_name_counts_and_an_empty_one_is_none() {
        let form = Form::parse("a=1&a=2&b=&c=x+y%26z&d=%E5%AF%86".as_bytes());
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), None);
        assert_eq!(form.text("c"), "x y&z");
        assert_eq!(form.text("d"), "密");
        assert_eq!(form.text("e"), "");
    }

    #[test]
    fn a_widget_against_robots_is_known_by_its_field() {
        for field in ["cf-turnstile-response", "h-captcha-response", "g-recaptcha-response"] {
            let form = Form::parse(format!("username=ada&{field}=proof").as_bytes());
            assert_eq!(captcha_token(&form), Some("proof"), "{field}");
        }
        assert_eq!(captcha_token(&Form::parse(b"cf-turnstile-response=")), None);
    }
}
