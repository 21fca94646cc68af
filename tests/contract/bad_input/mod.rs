//! What no client should send: refused with the right words, and nothing changes.

mod addresses;
mod bodies;
mod fields;

use crate::support::{PASSWORD, Person, Reply};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const USERS: &str = "/apis/console/v1alpha1/users";
pub(crate) const OWN: &str = "/auth/v1/users/me";
pub(crate) const MESSAGES: &str = "/apis/console/v1alpha1/messages";

/// An operation with a body, one for each way of wording an error.
pub(crate) struct Operation {
    method: Method,
    path: &'static str,
    /// Whether the owner sends it, and not anybody.
    by_owner: bool,
    /// A body that would do; every field of it must be there.
    body: Value,
    /// Fields that need not be there.
    optional: &'static [&'static str],
}

/// Creating a user, changing one's address, and signing up.
pub(crate) fn operations() -> [Operation; 3] {
    [
        Operation {
            method: Method::POST,
            path: USERS,
            by_owner: true,
            body: json!({ "name": "ada", "email": "ada@example.com" }),
            optional: &["displayName", "avatar", "phone", "password", "bio"],
        },
        Operation {
            method: Method::PUT,
            path: "/auth/v1/users/me/email",
            by_owner: true,
            body: json!({ "email": "ada@example.com" }),
            optional: &[],
        },
        Operation {
            method: Method::POST,
            path: "/v1/register",
            by_owner: false,
            body: json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD }),
            optional: &["displayName", "code", "clientId", "language"],
        },
    ]
}

impl Operation {
    /// The request of a caller that may send it, without a body.
    pub(crate) fn request(&self, owner: &Person<'_>) -> reqwest::RequestBuilder {
        let anybody = owner.tenant.anybody();
        let who = if self.by_owner { owner } else { &anybody };
        who.request(self.method.clone(), self.path)
    }

    pub(crate) async fn send_json(&self, owner: &Person<'_>, body: &Value) -> Reply {
        owner.send(self.request(owner).json(body)).await
    }

    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        self.body.as_object().unwrap().keys().map(String::as_str)
    }

    /// The valid body with this field.
    pub(crate) fn with(&self, field: &str, value: impl Into<Value>) -> Value {
        let mut body = self.body.clone();
        body[field] = value.into();
        body
    }
}

/// What must be as it was: users and messages of the tenant.
pub(crate) async fn totals(owner: &Person<'_>) -> (Value, Value) {
    let total = async |path: &str| owner.get(path).await.expect(200)["total"].clone();
    (total(USERS).await, total(MESSAGES).await)
}

/// Words that only the program's own people understand.
pub(crate) const INSIDE: &[&str] = &[
    "::", "Option<", "string_", "integer_", "panicked", "src/", "serde", "poem", "sqlx", "line 1",
];

/// Checks an answer to something that was refused: status, code, dialect, headers and words.
#[track_caller]
pub(crate) fn check(row: &str, reply: &Reply, status: u16, code: &str) {
    let text = &reply.text;
    assert_eq!(reply.status, status, "{row}: {text}");
    let body = reply.json();
    let (kind, found, words) = match &body["details"][0] {
        _ if body["success"] == false || body["statusCode"] == status => {
            ("application/json", &body["code"], &body["message"])
        }
        Value::Null => ("application/problem+json", &body["code"], &body["detail"]),
        detail if detail["id"].is_string() => ("application/json", &detail["id"], &body["message"]),
        detail => ("application/json", &detail["reason"], &body["message"]),
    };
    let is_rpc = body["details"][0]["reason"].is_string();
    let code = if is_rpc {
        code.to_ascii_uppercase()
    } else {
        code.to_owned()
    };
    assert_eq!(*found, *code, "{row}: {text}");
    assert_eq!(reply.header("content-type"), kind, "{row}");
    assert!(words.as_str().is_some_and(|words| !words.is_empty()), "{row}: {text}");
    for word in INSIDE {
        assert!(!text.contains(word), "{row}: {word:?} in {text}");
    }
    dressed(row, reply);
}

/// Checks the headers that every answer has.
#[track_caller]
pub(crate) fn dressed(row: &str, reply: &Reply) {
    assert_eq!(reply.header("x-request-id").len(), 32, "{row}");
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{row}");
    let body = reply.json();
    let info = |at: usize| body.pointer(&format!("/details/{at}/metadata/requestId"));
    let mut ids = [body.get("requestId"), info(0), info(1)].into_iter().flatten();
    assert!(ids.all(|id| id == reply.header("x-request-id")), "{row}: {body}");
}

/// As [`check`], and the answer says that this field is wrong, and why.
#[track_caller]
pub(crate) fn check_field(row: &str, reply: &Reply, field: &str) {
    check(row, reply, 400, "invalid");
    let wrong = fields(reply);
    assert!(
        wrong.iter().any(|wrong| wrong == field),
        "{row}: {field} is not named in {}",
        reply.text
    );
}

/// The fields an answer names.
pub(crate) fn fields(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    // In auth/v1 a detail of ZITADEL's comes first.
    let places = ["/errors", "/details/1/fieldViolations", "/details/2/fieldViolations"];
    let mut lists = places.iter().filter_map(|place| body.pointer(place)?.as_array());
    if let Some(list) = lists.next() {
        let names = list.iter().map(|wrong| wrong["field"].as_str().unwrap().to_owned());
        return names.collect();
    }
    // Others have no list: their message begins each complaint with the field.
    let message = body["message"].as_str().unwrap_or_default();
    let complaints = message.split("; ");
    complaints
        .filter_map(|wrong| Some(wrong.split_once(' ')?.0.to_owned()))
        .collect()
}
