//! Headers that are read, and cookies that are set: by the libraries that know their grammar.

use cookie::{Cookie, SameSite, time::Duration};
use poem::{
    http::{HeaderMap, HeaderValue, header},
    web::headers::{ETag, IfNoneMatch},
};
use std::cmp::Reverse;

/// Entries of a list with weights that are looked at.
const MOST: usize = 20;

/// The first value of a header; `None` if it is no text.
pub fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A list that may come in several headers of one name (RFC 9110 §5.3).
pub fn list(headers: &HeaderMap, name: impl header::AsHeaderName) -> String {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

/// Says in which language the text of an answer is.
pub fn set_content_language(headers: &mut HeaderMap, tag: &'static str) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
}

/// The value of a cookie that a request brings.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter();
    let mut cookies = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| Cookie::split_parse(list).flatten());
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

/// The names and values of the cookies that a request brings whose names begin so.
pub fn cookies_of<'a>(headers: &'a HeaderMap, prefix: &str) -> Vec<(&'a str, &'a str)> {
    let values = headers.get_all(header::COOKIE).iter();
    let cookies = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| Cookie::split_parse(list).flatten());
    let known = cookies.filter(|cookie| cookie.name().starts_with(prefix));
    known
        .filter_map(|cookie| Some((cookie.name_raw()?, cookie.value_raw()?)))
        .collect()
}

/// A cookie that scripts cannot read.
pub struct SetCookie<'a> {
    /// Its name; with https it may begin with `__Host-`.
    pub name: &'a str,
    /// ASCII without blanks, quotes, commas, semicolons and backslashes (RFC 6265 §4.1.1).
    pub value: &'a str,
    /// Where it is sent to without https; with it everywhere, which `__Host-` asks for.
    pub path: String,
    /// Seconds it lasts; 0 clears it.
    pub lasts: u32,
    /// Whether it comes with requests that begin at another site.
    pub same_site: SameSite,
    /// Whether people reach the server by https.
    pub secure: bool,
}

impl SetCookie<'_> {
    /// The value of `Set-Cookie`.
    #[must_use]
    pub fn header(self) -> String {
        let path = if self.secure { "/".to_owned() } else { self.path };
        Cookie::build((self.name, self.value))
            .path(path)
            .max_age(Duration::seconds(self.lasts.into()))
            .http_only(true)
            .same_site(self.same_site)
            .secure(self.secure)
            .to_string()
    }
}

/// Whether a browser says that another site sent the request.
#[must_use]
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Whether a browser says that a page of this origin sent the request (Fetch Metadata, else `Origin`).
///
/// If not, the log says what it said: most often people use another address than the configured one.
pub fn is_same_site(headers: &HeaderMap, base_url: &str) -> bool {
    let is_same = is_same_origin(headers, base_url);
    if !is_same {
        let (site, origin) = (text(headers, "sec-fetch-site"), text(headers, header::ORIGIN));
        let none = "none";
        let (site, origin) = (site.unwrap_or(none), origin.unwrap_or(none));
        tracing::warn!(
            site,
            origin,
            ours = base_url,
            "a request seems to come from another site"
        );
    }
    is_same
}

/// The same, where a request from elsewhere is nothing to tell the operator.
#[must_use]
pub fn is_same_origin(headers: &HeaderMap, base_url: &str) -> bool {
    match text(headers, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(headers, header::ORIGIN).is_some_and(|origin| {
            url::Url::parse(base_url).is_ok_and(|url| url.origin().ascii_serialization() == origin)
        }),
    }
}

/// Whether the client already has the content of this tag (RFC 9110 §13.1.2).
pub fn if_none_match(headers: &HeaderMap, tag: &str) -> bool {
    let known = list(headers, header::IF_NONE_MATCH);
    if known.trim() == "*" {
        return true;
    }
    let (Some(tags), Some(tag)) = (tags_in(&known), entity_tag(tag)) else {
        return false;
    };
    let mut tags = tags.into_iter().map(IfNoneMatch::from);
    tags.any(|known| !known.precondition_passes(&tag))
}

/// The entity tags of a list, as they are written; `None` if it is none.
#[must_use]
pub fn entity_tags(list: &str) -> Option<Vec<&str>> {
    tags_in(list).map(|_| list.split(',').map(str::trim).collect())
}

fn tags_in(list: &str) -> Option<Vec<ETag>> {
    list.split(',').map(|tag| entity_tag(tag.trim())).collect()
}

fn entity_tag(text: &str) -> Option<ETag> {
    // The library takes for granted that there is no blank in it.
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    is_visible.then(|| text.parse().ok())?
}

/// The tie-break between offers that a client wants alike.
#[derive(Clone, Copy)]
pub enum Tie {
    /// The order of the client's list; nothing if one entry, `*`, stands for several.
    Client,
    /// The order of the offers.
    Server,
}

/// The offer that a list with weights asks for most (RFC 9110 §12.4.2), if any is acceptable.
///
/// An entry means the offer that it is called by up to its first hyphen: `zh-CN` means `zh`.
pub fn negotiate<T: Copy>(list: &str, offers: &[(&str, T)], tie: Tie) -> Option<T> {
    let wanted: Vec<_> = list.split(',').take(MOST).map(weighted).collect();
    let best = |name: &str| {
        let named = wanted
            .iter()
            .enumerate()
            .filter(|(_, (range, _))| range.eq_ignore_ascii_case(name));
        named.map(|(at, (_, weight))| (*weight, Reverse(at))).max()
    };
    let ranked = offers.iter().filter_map(|(name, offer)| {
        // `*` is whatever has no entry of its own (RFC 9110 §12.5.3 and §12.5.4).
        let rank = best(name).or_else(|| best("*"))?;
        (rank.0 > 0).then_some((rank, *offer))
    });
    let ranked: Vec<_> = ranked.collect();
    let highest = ranked.iter().map(|(rank, _)| *rank).max()?;
    let mut liked = ranked.iter().filter(|(rank, _)| match tie {
        Tie::Client => *rank == highest,
        Tie::Server => rank.0 == highest.0,
    });
    let (_, first) = liked.next()?;
    let is_open = matches!(tie, Tie::Client) && liked.next().is_some();
    (!is_open).then_some(*first)
}

/// An entry up to its first hyphen, and its weight in thousandths.
fn weighted(entry: &str) -> (&str, u16) {
    let mut parts = entry.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| {
        let (name, weight) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| weight.trim())
    });
    let range = range.split(['-', '_']).next().unwrap_or(range);
    (range, weight.and_then(thousandths).unwrap_or(1000))
}

fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    match whole {
        "0" => format!("{part:0<3.3}").parse().ok(),
        "1" => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: &[(&str, &str)] = &[("br", "br"), ("gzip", "gzip"), ("identity", "identity")];

    fn of(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_coding_of_the_highest_weight_is_taken_and_none_of_weight_zero() {
        for (list, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("br;q=0, gzip", Some("gzip")),
            ("br; Q=0.000 , gzip;q=0.001", Some("gzip")),
            ("br;q=0.5, gzip;q=0.8", Some("gzip")),
            ("BR;q=0.8, gzip;q=0.75", Some("br")),
            ("identity, br;q=0.5", Some("identity")),
            ("*", Some("br")),
            ("br;q=0, *;q=0.1", Some("gzip")),
            ("br;q=0, gzip;q=0, *;q=0", None),
            ("gzip;q=often", Some("gzip")),
            ("zstd", None),
            ("", None),
        ] {
            assert_eq!(negotiate(list, OFFERS, Tie::Server), expected, "{list}");
        }
    }

    #[test]
    fn of_what_is_wanted_alike_the_first_in_the_list_is_taken_if_the_list_is_to_decide() {
        for (list, expected) in [
            ("gzip, br", Some("gzip")),
            ("gzip;q=0.5, br", Some("br")),
            ("*", None),
            ("gzip;q=0.1, *", None),
            ("br;q=0, identity;q=0, *", Some("gzip")),
        ] {
            assert_eq!(negotiate(list, OFFERS, Tie::Client), expected, "{list}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_in_any_header() {
        let headers = of("cookie", &["aa=1; b; =x;a=2==", "a=3; \"c=4;c=5"]);
        assert_eq!(cookie(&headers, "a"), Some("2=="));
        assert_eq!(cookie(&headers, "aa"), Some("1"));
        assert_eq!(cookie(&headers, "c"), Some("5"));
        assert_eq!(cookie(&headers, "b"), None);
    }

    #[test]
    fn a_cookie_is_bound_to_its_path_and_with_https_to_its_host() {
        let set = |secure| {
            let cookie = SetCookie {
                name: "a",
                value: "b",
                path: "/t/acme/".to_owned(),
                lasts: 60,
                same_site: SameSite::Lax,
                secure,
            };
            cookie.header()
        };
        assert_eq!(set(false), "a=b; HttpOnly; SameSite=Lax; Path=/t/acme/; Max-Age=60");
        assert_eq!(set(true), "a=b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60");
    }

    #[test]
    fn an_entity_tag_is_compared_weakly_to_show() {
        for (list, shows) in [
            ("\"2\"", true),
            ("\"1\" , \"2\"", true),
            ("*", true),
            ("W/\"2\"", true),
            ("\"3\"", false),
            ("2", false),
            ("", false),
            ("\"2\", x", false),
            ("\"a b\"", false),
        ] {
            let headers = of("if-none-match", &[list]);
            assert_eq!(if_none_match(&headers, "\"2\""), shows, "{list}");
        }
    }
}
