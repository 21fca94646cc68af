//! What `@halo-dev/api-client` 2.26.0 with axios 1.16.0 sent for each operation on users, byte for
//! byte.

use crate::support::{Person, Reply};
use reqwest::Method;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Method, target, content type, body, and the length that was recorded.
pub(super) type Recorded = (Method, &'static str, &'static str, &'static str, usize);

pub(super) const GET_CURRENT: Recorded = (Method::GET, "/apis/api.console.halo.run/v1alpha1/users/-", "", "", 0);
pub(super) const CREATE: Recorded = (
    Method::POST,
    "/apis/api.console.halo.run/v1alpha1/users",
    JSON,
    r#"{"name":"alice","email":"alice@example.test","displayName":"Alice","password":"P@ssw0rd1","phone":"","bio":"hi","annotations":{"note":"probe"},"roles":["guest"]}"#,
    161,
);
pub(super) const LIST: Recorded = (
    Method::GET,
    "/apis/api.console.halo.run/v1alpha1/users?page=1&size=20&labelSelector=%21halo.run%2Fhidden-user&fieldSelector=name%21%3DanonymousUser&fieldSelector=name%21%3Dghost&sort=metadata.creationTimestamp%2Cdesc&sort=metadata.name%2Casc&keyword=alice&role=guest",
    "",
    "",
    0,
);
pub(super) const GET: Recorded = (
    Method::GET,
    "/apis/api.console.halo.run/v1alpha1/users/alice",
    "",
    "",
    0,
);
pub(super) const UPDATE_CURRENT: Recorded = (
    Method::PUT,
    "/apis/api.console.halo.run/v1alpha1/users/-",
    JSON,
    r#"{"apiVersion":"v1alpha1","kind":"User","metadata":{"name":"admin","version":1,"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"displayName":"Admin (probe)","email":"admin@example.test","emailVerified":false,"bio":"probed"}}"#,
    227,
);
pub(super) const PERMISSIONS: Recorded = (
    Method::GET,
    "/apis/api.console.halo.run/v1alpha1/users/-/permissions",
    "",
    "",
    0,
);
pub(super) const GRANT: Recorded = (
    Method::POST,
    "/apis/api.console.halo.run/v1alpha1/users/alice/permissions",
    JSON,
    r#"{"roles":["guest","post-editor"]}"#,
    33,
);
pub(super) const CHANGE_PASSWORD: Recorded = (
    Method::PUT,
    "/apis/api.console.halo.run/v1alpha1/users/alice/password",
    JSON,
    r#"{"password":"N3wPass!"}"#,
    23,
);
pub(super) const DELETE_AVATAR: Recorded = (
    Method::DELETE,
    "/apis/api.console.halo.run/v1alpha1/users/-/avatar",
    "",
    "",
    0,
);
pub(super) const SEND_CODE: Recorded = (
    Method::POST,
    "/apis/api.console.halo.run/v1alpha1/users/-/send-email-verification-code",
    JSON,
    r#"{"email":"New.Mail@example.test"}"#,
    33,
);
pub(super) const VERIFY_EMAIL: Recorded = (
    Method::POST,
    "/apis/api.console.halo.run/v1alpha1/users/-/verify-email",
    JSON,
    r#"{"password":"secret1","code":"123456"}"#,
    38,
);
pub(super) const DISABLE: Recorded = (
    Method::POST,
    "/apis/console.api.security.halo.run/v1alpha1/users/alice/disable",
    FORM,
    "",
    0,
);
pub(super) const ENABLE: Recorded = (
    Method::POST,
    "/apis/console.api.security.halo.run/v1alpha1/users/alice/enable",
    FORM,
    "",
    0,
);
pub(super) const CHANGE_OWN_PASSWORD: Recorded = (
    Method::PUT,
    "/apis/api.console.halo.run/v1alpha1/users/-/password",
    JSON,
    r#"{"oldPassword":"secret1","password":"secret2"}"#,
    46,
);

async fn send(caller: &Person<'_>, method: Method, target: &str, kind: &str, body: Vec<u8>) -> Reply {
    let mut request = caller
        .request(method, target)
        .header("accept", "application/json, text/plain, */*")
        .header("x-requested-with", "XMLHttpRequest")
        // A browser takes the coding off by itself: it is not asked for here.
        .header("user-agent", "axios/1.16.0");
    if !kind.is_empty() {
        request = request
            .header("content-type", kind)
            .header("content-length", body.len())
            .body(body);
    }
    caller.send(request).await
}

/// Sends what was recorded, as the caller.
pub(super) async fn replay(caller: &Person<'_>, recorded: Recorded) -> Reply {
    let (method, target, kind, body, length) = recorded;
    assert_eq!(body.len(), length, "{target}: not what was recorded");
    send(caller, method, target, kind, body.into()).await
}

/// As [`replay`], with these words of the body replaced by others.
pub(super) async fn replay_with(caller: &Person<'_>, recorded: Recorded, words: &[(&str, &str)]) -> Reply {
    let (method, target, kind, body, _) = recorded;
    let body = words
        .iter()
        .fold(body.to_owned(), |body, (from, to)| body.replace(from, to));
    send(caller, method, target, kind, body.into()).await
}

/// Sends the form that was recorded, with this picture.
pub(super) async fn upload(caller: &Person<'_>, png: &[u8]) -> Reply {
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"avatar.png\"\r\nContent-Type: image/png";
    let boundary = "axios-1.16.0-boundary-hdOKUYqiMZ9TJWRjRBcpxXVnl";
    let begin = format!("--{boundary}\r\n{head}\r\n\r\n");
    let end = format!("\r\n--{boundary}--\r\n");
    let body = [begin.as_bytes(), png, end.as_bytes()].concat();
    let target = "/apis/api.console.halo.run/v1alpha1/users/-/avatar";
    let kind = format!("multipart/form-data; boundary={boundary}");
    send(caller, Method::POST, target, &kind, body).await
}
