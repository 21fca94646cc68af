//! Bodies that are not JSON, not of the right shape, of another type, or too large.

use super::{Operation, check, check_field, dressed, fields, operations, totals};
use crate::support::{Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: usize = 1 << 20;

async fn send(operation: &Operation, owner: &Person<'_>, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = operation.request(owner).header("content-type", kind).body(body);
    owner.send(request).await
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let deep = [b"[".repeat(200), b"]".repeat(200)].concat();
    let deep_field = [b"{\"email\":".repeat(200).as_slice(), b"1", &b"}".repeat(200)].concat();
    let bodies: [(&str, &[u8]); 12] = [
        ("no value", br#"{"email":}"#),
        ("truncated", br#"{"email":"ada@exam"#),
        ("a tail", br#"{"email":"ada@example.com"} {}"#),
        ("single quotes", b"{'email':'ada@example.com'}"),
        ("a comment", b"{} // {}"),
        ("not a number", br#"{"email":NaN}"#),
        ("invalid UTF-8", b"{\"email\":\"ada\xff@example.com\"}"),
        ("half a surrogate", br#"{"email":"\ud800@example.com"}"#),
        ("a raw control character", b"{\"email\":\"ada\n@example.com\"}"),
        ("UTF-16", b"{\0}\0"),
        ("200 arrays in each other", &deep),
        ("200 objects in each other", &deep_field),
    ];
    for operation in operations() {
        for (what, body) in bodies {
            let reply = send(&operation, &owner, "application/json", body.to_vec()).await;
            check(&format!("{} {what}", operation.path), &reply, 400, "malformed");
        }
    }
    assert_eq!(totals(&owner).await, before);
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused_field_by_field() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let mut taken = vec![];
    for operation in operations() {
        for whole in [
            json!([]),
            json!([operation.body]),
            json!(1),
            json!("x"),
            json!(true),
            Value::Null,
        ] {
            let reply = operation.send_json(&owner, &whole).await;
            check(&format!("{} {whole}", operation.path), &reply, 400, "invalid");
        }
        for field in operation.required().chain(operation.optional.iter().copied()) {
            for wrong in [
                json!([]),
                json!(["x"]),
                json!({}),
                json!({ "x": 1 }),
                json!(1),
                json!(1.5),
                json!(true),
            ] {
                let reply = operation.send_json(&owner, &operation.with(field, wrong.clone())).await;
                let row = format!("{} {field} = {wrong}", operation.path);
                // Any other refusal means that it was taken for text, and refused for what that says.
                if reply.text.contains("\"invalid\"") || reply.text.contains("\"INVALID\"") {
                    check_field(&row, &reply, field);
                } else {
                    taken.push(format!("{row}: {}", reply.status));
                }
            }
        }
        for field in operation.required() {
            let reply = operation.send_json(&owner, &operation.with(field, Value::Null)).await;
            check_field(&format!("{} {field} = null", operation.path), &reply, field);
        }
    }
    assert!(taken.is_empty(), "taken for text:\n{}", taken.join("\n"));
    assert_eq!(totals(&owner).await, before);
}

#[tokio::test]
async fn all_fields_that_are_wrong_are_named_at_once() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for operation in operations() {
        let mut required: Vec<_> = operation.required().collect();
        required.sort_unstable();

        let mut missing = {
            let reply = operation.send_json(&owner, &json!({})).await;
            check(operation.path, &reply, 400, "invalid");
            fields(&reply)
        };
        missing.sort_unstable();
        assert_eq!(missing, required, "{} with nothing", operation.path);

        let all = required.iter().copied().chain(operation.optional.iter().copied());
        let too_long: Value = all
            .clone()
            .map(|field| (field.to_owned(), json!("a".repeat(10_000))))
            .collect();
        let reply = operation.send_json(&owner, &too_long).await;
        check(operation.path, &reply, 400, "invalid");
        let (mut wrong, mut expected) = (fields(&reply), all.collect::<Vec<_>>());
        wrong.sort_unstable();
        expected.sort_unstable();
        assert_eq!(wrong, expected, "{} with 10,000 characters each", operation.path);
        assert!(reply.text.len() < 4_000, "what was sent is not sent back");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let kinds = [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/octet-stream",
        "nonsense",
        "",
    ];
    for operation in operations() {
        for kind in kinds {
            let reply = send(&operation, &owner, kind, operation.body.to_string()).await;
            check(
                &format!("{} {kind:?}", operation.path),
                &reply,
                415,
                "unsupported_media_type",
            );
        }
    }
    assert_eq!(totals(&owner).await, before);
    let [create, ..] = operations();
    let reply = send(
        &create,
        &owner,
        "application/json; charset=UTF-8",
        create.body.to_string(),
    )
    .await;
    assert_eq!(reply.status, 200, "the control: {}", reply.text);
}

/// The valid body, made longer by spaces.
fn padded(operation: &Operation, length: usize) -> Vec<u8> {
    let mut body = operation.body.to_string().into_bytes();
    body.resize(length, b' ');
    body
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_an_answer_the_client_can_read() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    for operation in operations() {
        for length in [LIMIT + 1, 8 * LIMIT] {
            let row = format!("{} {length} bytes", operation.path);
            let reply = send(&operation, &owner, "application/json", padded(&operation, length)).await;
            check(&format!("{row} announced"), &reply, 413, "too_large");
            let chunks: Vec<_> = padded(&operation, length).chunks(1 << 16).map(<[u8]>::to_vec).collect();
            let stream = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
            let reply = send(
                &operation,
                &owner,
                "application/json",
                reqwest::Body::wrap_stream(stream),
            )
            .await;
            check(&format!("{row} in chunks"), &reply, 413, "too_large");
        }
    }
    assert_eq!(totals(&owner).await, before);
    for operation in operations() {
        let reply = send(&operation, &owner, "application/json", padded(&operation, LIMIT)).await;
        // What is exactly as large as can be is read. The three want the same name and address.
        assert!(
            [200, 409].contains(&reply.status.as_u16()),
            "{}: {}",
            operation.path,
            reply.text
        );
        dressed(operation.path, &reply);
    }
}

#[tokio::test]
async fn no_body_is_an_empty_one_whatever_its_type_says() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for kind in [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("text/plain"),
        Some(""),
    ] {
        let signed_in = tenant.owner().await;
        let request = signed_in.request(Method::POST, "/v1/logout");
        let request = match kind {
            Some(kind) => request.header("content-type", kind).body(""),
            None => request,
        };
        signed_in.send(request).await.expect(200);
        for operation in operations() {
            let request = operation
                .request(&owner)
                .header("content-type", kind.unwrap_or("application/json"));
            let reply = owner.send(request.body("")).await;
            let mut missing = fields(&reply);
            missing.sort_unstable();
            let mut required: Vec<_> = operation.required().collect();
            required.sort_unstable();
            assert_eq!(missing, required, "{} {kind:?}: {}", operation.path, reply.text);
        }
    }
}
