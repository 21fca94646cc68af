//! Frames, their limits, and what HTTP has to be like around them.

use super::{AUTH, Call, LARGEST, frame, frame_of};
use crate::support::{Person, TestApp};
use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::json;
use std::io::Write;
use tenantry_proto::{
    Message,
    zitadel::auth::v1::{GetMyUserRequest, SetMyEmailRequest, VerifyMyEmailRequest},
};

fn get() -> Call<'static> {
    Call::new("GetMyUser", &GetMyUserRequest {})
}

/// A message of so many bytes: a code, which is far too long.
fn message(length: usize) -> Vec<u8> {
    let head = if length > 16_000 { 4 } else { 3 };
    let code = "x".repeat(length - head);
    let message = VerifyMyEmailRequest { code }.encode_to_vec();
    assert_eq!(message.len(), length);
    message
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_message_is_exactly_one_frame_of_at_most_a_mebibyte() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let whole = frame(&message(LARGEST));
    let announced = frame(&message(LARGEST + 1));
    let empty = frame(&[]);
    let malformed = (3, "malformed");
    for (label, body, expected) in [
        // It was read, and its code is too long.
        ("the largest", whole.clone(), (3, "invalid")),
        ("one byte more", announced.clone(), (8, "too_large")),
        (
            "one byte more, which is never sent",
            announced[..5].to_vec(),
            (8, "too_large"),
        ),
        ("the largest and a byte", [&whole[..], &[0]].concat(), malformed),
        ("two frames", [&empty[..], &empty[..]].concat(), malformed),
        ("no frame", vec![], malformed),
        ("half a head", empty[..4].to_vec(), malformed),
        ("half a message", whole[..LARGEST].to_vec(), malformed),
        ("no known flag", frame_of(2, &[]), malformed),
        ("trailers", frame_of(0x80, b"grpc-status: 0\r\n"), malformed),
        ("no message", frame(&[0xff, 0xff, 0xff]), malformed),
        ("a text that is none", frame(&[0x0a, 0x01, 0xff]), malformed),
    ] {
        let refused = Call::new("VerifyMyEmail", &GetMyUserRequest {})
            .with_body(body)
            .send(&ada)
            .await;
        let (code, id) = refused.refusal();
        assert_eq!((code, &*id), expected, "{label}");
        assert!(!refused.header("grpc-message").contains("::"), "{label}: {refused:?}");
    }
    // A field of a later version is passed over, as the format wants it.
    let later = get().with_body(frame(&[0x7a, 0x01, 0x2a])).send(&ada).await;
    later.message();
}

#[tokio::test]
async fn a_compressed_message_is_bounded_by_what_it_becomes() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < LARGEST / 8, "{}", bomb.len());
    let malformed = (3, "malformed");
    let whole = gzip(&message(LARGEST));
    for (label, encoding, message, expected) in [
        ("the largest", Some("gzip"), whole.clone(), (3, "invalid")),
        (
            "one byte more",
            Some("gzip"),
            gzip(&message(LARGEST + 1)),
            (8, "too_large"),
        ),
        ("a bomb", Some("gzip"), bomb, (8, "too_large")),
        ("cut", Some("gzip"), whole[..whole.len() - 1].to_vec(), malformed),
        (
            "with more behind it",
            Some("gzip"),
            [&whole[..], b"x"].concat(),
            malformed,
        ),
        ("not compressed", Some("gzip"), message(300), malformed),
        ("of no encoding", None, whole.clone(), malformed),
        ("of none by name", Some("identity"), whole.clone(), malformed),
        ("of another", Some("deflate"), whole, (12, "not_yet")),
    ] {
        let call = Call::new("VerifyMyEmail", &GetMyUserRequest {}).with_body(frame_of(1, &message));
        let call = match encoding {
            Some(encoding) => call.with("grpc-encoding", encoding),
            None => call,
        };
        let refused = call.send(&ada).await;
        let (code, id) = refused.refusal();
        assert_eq!((code, &*id), expected, "{label}");
        assert_eq!(refused.header("grpc-accept-encoding"), "identity,gzip");
    }
    let small = get().with("grpc-encoding", "gzip").with_body(frame_of(1, &gzip(&[])));
    small.send(&ada).await.message();
    let plain = get().with("grpc-encoding", "gzip");
    plain.send(&ada).await.message();
}

#[tokio::test]
async fn a_call_takes_no_longer_than_its_caller_waits() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().sign_up_proven("ada").await;
    for wrong in ["", "1", "S", "1s", "123456789S", "-1S", "1.5S", "1 S"] {
        let refused = get().with("grpc-timeout", wrong).send(&ada).await;
        assert_eq!(refused.refusal(), (3, "invalid".to_owned()), "{wrong:?}");
    }
    for enough in ["99999999H", "10S"] {
        get().with("grpc-timeout", enough).send(&ada).await.message();
    }
    let late = get().with("grpc-timeout", "1n").send(&ada).await;
    assert_eq!(late.refusal(), (4, "deadline_exceeded".to_owned()));

    let held = app.hold("message").await;
    let email = "new@example.com".to_owned();
    let set = Call::new("SetMyEmail", &SetMyEmailRequest { email }).with("grpc-timeout", "100m");
    assert_eq!(set.send(&ada).await.refusal(), (4, "deadline_exceeded".to_owned()));
    drop(held);
    let email = ada.get("/auth/v1/users/me/email").await.expect(200)["email"].clone();
    assert_eq!(
        email,
        json!({ "email": "ada@example.com", "isEmailVerified": true }),
        "nothing was done"
    );
}

#[tokio::test]
async fn metadata_has_its_limit() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let long = "x".repeat(16 << 10);
    let by_web = ada
        .request(Method::POST, &format!("/{AUTH}/GetMyUser"))
        .header("content-type", "application/grpc-web")
        .header("x-long", long)
        .body(frame(&[]));
    let refused = ada.send(by_web).await;
    assert_eq!((refused.status.as_u16(), refused.header("grpc-status")), (200, "8"));
    get().with("x-short", &"x".repeat(8 << 10)).send(&ada).await.message();
}

/// What HTTP says to a request that is no call.
async fn refused(by: &Person<'_>, method: Method, kind: &str) -> (u16, String) {
    let request = by
        .request(method, &format!("/{AUTH}/GetMyUser"))
        .header("content-type", kind)
        .body(frame(&[]));
    let reply = by.send(request).await;
    assert_eq!(reply.header("grpc-status"), "");
    (reply.status.as_u16(), reply.header("allow").to_owned())
}

#[tokio::test]
async fn what_is_no_call_is_refused_by_http() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let nothing = String::new;
    for kind in [
        "application/grpc+json",
        "application/grpc-web+json",
        "application/grpc-web-text+json",
        "application/grpc+proto2",
        "application/json",
        "application/proto",
    ] {
        assert_eq!(refused(&ada, Method::POST, kind).await, (415, nothing()), "{kind}");
    }
    for kind in ["application/grpc", "application/grpc+proto"] {
        assert_eq!(
            refused(&ada, Method::POST, kind).await,
            (505, nothing()),
            "{kind} by HTTP/1.1"
        );
    }
    let only_post = (405, "POST".to_owned());
    for method in [Method::GET, Method::PUT, Method::OPTIONS] {
        assert_eq!(refused(&ada, method, "application/grpc-web").await, only_post);
    }
    for kind in ["application/grpc+proto", "APPLICATION/GRPC", "application/grpc; a=b"] {
        get().with("content-type", kind).send(&ada).await.message();
    }
}

#[tokio::test]
async fn a_refusal_says_all_it_knows_in_headers_that_any_proxy_takes() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().sign_up("ada").await;
    app.work().await;
    let email = "new@example.com".to_owned();
    let set = async || {
        Call::new("SetMyEmail", &SetMyEmailRequest { email: email.clone() })
            .send(&ada)
            .await
    };
    set().await.message();
    app.work().await;
    let soon = set().await;
    let status = super::as_json("google.rpc.Status", &soon.refused().encode_to_vec());
    assert_eq!(status["code"], 8, "{status}");
    let kinds = ["zitadel.v1.ErrorDetail", "google.rpc.ErrorInfo", "google.rpc.RetryInfo"];
    for (detail, kind) in status["details"].as_array().unwrap().iter().zip(kinds) {
        assert_eq!(detail["@type"], format!("type.googleapis.com/{kind}"));
    }
    let info = &status["details"][1];
    assert_eq!(
        (&info["reason"], &info["domain"]),
        (&json!("TOO_MANY_CODES"), &json!("tenantry"))
    );
    assert_eq!(info["metadata"]["requestId"], soon.header("x-request-id"));
    let seconds = format!("{}s", soon.header("retry-after"));
    assert_eq!(status["details"][2]["retryDelay"], seconds);
    assert!(!soon.header("grpc-status-details-bin").ends_with('='));
    assert_eq!(soon.header("content-type"), "application/grpc");
}
