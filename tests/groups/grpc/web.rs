//! gRPC-Web: trailers as a frame, base64, HTTP/1.1, and pages of other origins.

use super::{AUTH, Call, frame, frame_of};
use crate::support::{Person, Reply, TestApp, roles::CONSOLE};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::json;
use tenantry_proto::{
    Message,
    zitadel::{
        auth::v1::{GetMyUserRequest, GetMyUserResponse, ListMyLinkedIdPsRequest},
        v1::ListQuery,
    },
};

const BINARY: &[&str] = &["application/grpc-web", "application/grpc-web+proto"];
const TEXT: &[&str] = &["application/grpc-web-text", "application/grpc-web-text+proto"];

/// Calls a method by HTTP/1.1.
async fn call(by: &Person<'_>, method: &str, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = by
        .request(Method::POST, &format!("/{AUTH}/{method}"))
        .header("content-type", kind)
        .body(body);
    by.send(request).await
}

fn trailers() -> Vec<u8> {
    frame_of(0x80, b"grpc-status: 0\r\n")
}

/// The message of an answer in base64.
#[track_caller]
fn message_of(reply: &Reply) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(&reply.text).unwrap();
    let (head, rest) = bytes.split_at(5);
    let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
    assert_eq!(rest[length..], trailers());
    rest[..length].to_vec()
}

#[tokio::test]
async fn each_type_of_grpc_web_is_answered_in_itself_by_both_versions_of_http() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let get = GetMyUserRequest {};
    let by_grpc = Call::new("GetMyUser", &get).send(&ada).await;
    let expected = [frame(by_grpc.message()), trailers()].concat();
    let user = GetMyUserResponse::decode(by_grpc.message()).unwrap().user.unwrap();
    assert_eq!(user.user_name, "admin");
    for kind in BINARY.iter().chain(TEXT) {
        let is_text = TEXT.contains(kind);
        let coded = |bytes: Vec<u8>| match is_text {
            true => BASE64_STANDARD.encode(bytes).into_bytes(),
            false => bytes,
        };
        let by_http2 = Call::new("GetMyUser", &get)
            .with("content-type", kind)
            .with_body(coded(frame(&[])));
        let answer = by_http2.send(&ada).await;
        assert_eq!(answer.bytes, coded(expected.clone()), "{kind}");
        assert_eq!((answer.header("content-type"), answer.trailers.len()), (*kind, 0));

        let by_http1 = call(&ada, "GetMyUser", kind, coded(frame(&[]))).await;
        assert_eq!(by_http1.status, 200);
        assert_eq!(by_http1.header("content-type"), *kind);
        if is_text {
            assert_eq!(message_of(&by_http1), by_grpc.message());
        }
        let refused = call(&app.default_tenant().anybody(), "GetMyUser", kind, coded(frame(&[]))).await;
        assert_eq!(refused.text, "", "{kind}");
        assert_eq!((refused.header("grpc-status"), refused.status.as_u16()), ("16", 200));
        assert!(!refused.header("grpc-status-details-bin").is_empty());
    }
}

#[tokio::test]
async fn base64_may_come_in_pieces_at_every_border() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().owner().await;
    let query = Some(ListQuery {
        offset: 1,
        limit: 2,
        asc: true,
    });
    let message = frame(&ListMyLinkedIdPsRequest { query }.encode_to_vec());
    for border in 0..=message.len() {
        let (first, second) = message.split_at(border);
        let text = [first, second].map(|piece| BASE64_STANDARD.encode(piece)).concat();
        let answer = call(&ada, "ListMyLinkedIDPs", TEXT[0], text).await;
        assert_eq!(answer.header("grpc-status"), "", "cut at {border}");
        message_of(&answer);
    }
    let whole = BASE64_STANDARD.encode(&message);
    for wrong in [&whole[..whole.len() - 1], &whole[1..], "AAAA\r\nAAA=", "@@@@", ""] {
        let refused = call(&ada, "ListMyLinkedIDPs", TEXT[1], wrong.to_owned()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("grpc-status")),
            (200, "3"),
            "{wrong}"
        );
    }
}

/// Lets pages of one other origin call.
async fn allow(owner: &Person<'_>) {
    let policy = json!({ "spec": { "allowedOrigins": ["https://app.example.com"] } });
    owner
        .put(&format!("{CONSOLE}/policies/cross-origin"), &policy)
        .await
        .expect(200);
}

#[tokio::test]
async fn pages_of_origins_that_the_tenant_names_may_ask_whether_they_may_call() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    allow(&owner).await;
    let nobody = tenant.anybody();
    let ask = async |origin: &str| {
        let request = nobody
            .request(Method::OPTIONS, &format!("/{AUTH}/GetMyUser"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-grpc-web",
            );
        nobody.send(request).await
    };
    let asked = ask("https://app.example.com").await;
    assert_eq!(asked.status, 204);
    assert_eq!(asked.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(asked.header("access-control-allow-methods"), "POST");
    let allowed = asked.header("access-control-allow-headers").to_ascii_lowercase();
    for name in [
        "authorization",
        "content-type",
        "x-grpc-web",
        "x-user-agent",
        "grpc-timeout",
        "accept-language",
        "idempotency-key",
    ] {
        assert!(allowed.split(", ").any(|allowed| allowed == name), "{name}: {allowed}");
    }
    let strange = ask("https://evil.example.com").await;
    assert_eq!(
        (strange.status.as_u16(), strange.header("access-control-allow-origin")),
        (405, "")
    );
}

#[tokio::test]
async fn pages_of_origins_that_the_tenant_names_read_how_a_call_ended() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    allow(&owner).await;
    for (origin, is_named) in [("https://app.example.com", true), ("https://evil.example.com", false)] {
        let request = owner
            .request(Method::POST, &format!("/{AUTH}/GetMyUser"))
            .header("content-type", BINARY[1])
            .header("origin", origin)
            .body(frame(&[]));
        let answer = owner.send(request).await;
        let allowed = if is_named { origin } else { "" };
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in [
            "grpc-status",
            "grpc-message",
            "grpc-status-details-bin",
            "x-request-id",
            "retry-after",
        ] {
            let is_exposed = exposed.split(", ").any(|exposed| exposed == name);
            assert_eq!(is_exposed, is_named, "{name}: {exposed}");
        }
    }
}
