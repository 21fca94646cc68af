//! What methods answer: the same as in JSON, by the same acts.

use super::{Answer, Call, METHODS, as_json};
use crate::{
    provider::use_provider,
    support::{
        PASSWORD, Person, Reply, TestApp,
        roles::{CONSOLE, deny, events_of, make_person, make_role},
        wrong,
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_proto::{
    Message,
    zitadel::{
        auth::v1::{
            GetMyEmailRequest, GetMyUserRequest, GetMyUserResponse, ListMyLinkedIdPsRequest, RemoveMyLinkedIdpRequest,
            ResendMyEmailVerificationRequest, SetMyEmailRequest, VerifyMyEmailRequest,
        },
        v1::ListQuery,
    },
};

const ME: &str = "/auth/v1/users/me";

/// What all methods are about.
const KEPT_OUT: &str = "tenant users users/email users/password users/avatar users/identities users/sessions \
                        users/changes users/permissions users/name";

/// What differs from answer to answer, and what the published messages have no place for.
const APART: &[&str] = &["requestId", "viewTimestamp", "pendingEmail"];

/// A value without that, and without what the JSON mapping leaves out.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, _)| !APART.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), plain(value)))
                .filter(|(_, value)| ![json!(null), json!(false), json!(""), json!("0"), json!([])].contains(value));
            Value::Object(kept.collect())
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        value => value.clone(),
    }
}

/// Checks that a call is answered as JSON answered the same operation.
#[track_caller]
pub(super) fn same(method: &str, by_json: &Reply, by_grpc: &Answer) {
    let answered = match by_json.status.is_success() {
        true => as_json(&format!("zitadel.auth.v1.{method}Response"), by_grpc.message()),
        false => as_json("google.rpc.Status", &by_grpc.refused().encode_to_vec()),
    };
    assert_eq!(plain(&answered), plain(&by_json.json()), "{method}");
}

/// Somebody who does the same by JSON and by gRPC, each in a tenant where nothing else was done.
struct Twins<'a> {
    json: Person<'a>,
    grpc: Person<'a>,
}

impl Twins<'_> {
    /// Has both do it, and compares what they are told but for what their tenant and the clock make of it.
    async fn compare(&self, method: &str, (verb, path, body): (Method, &str, Value), message: &impl Message) {
        let request = self.json.request(verb, &format!("{ME}{path}")).json(&body);
        let mut by_json = self.json.send(request).await;
        let by_grpc = Call::new(method, message).send(&self.grpc).await;
        for (ours, theirs) in self.names().await {
            by_json.text = by_json.text.replace(&ours, &theirs);
        }
        same(method, &by_json, &by_grpc);
    }

    /// What is otherwise in the tenant of the other: each look at the clock moves it.
    async fn names(&self) -> Vec<(String, String)> {
        let (ours, theirs) = (self.json.get(ME).await.expect(200), self.grpc.get(ME).await.expect(200));
        let name = |user: &Value, place: &str| user.pointer(place).unwrap().as_str().unwrap().to_owned();
        let places = [
            "/user/id",
            "/user/details/resourceOwner",
            "/user/details/changeDate",
            "/user/details/creationDate",
        ];
        places.map(|place| (name(&ours, place), name(&theirs, place))).to_vec()
    }
}

#[tokio::test]
async fn each_method_answers_as_json_does() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let ada = Twins {
        json: a.sign_up("ada").await,
        grpc: b.sign_up("ada").await,
    };
    let nothing = || (Method::GET, "", json!(null));
    ada.compare("GetMyUser", nothing(), &GetMyUserRequest {}).await;
    let code = a.code_to("ada@example.com").await;
    let right = b.code_to("ada@example.com").await;
    let verify = |code: &str| (Method::POST, "/email/_verify", json!({ "code": code }));
    for (here, there) in [
        (wrong(&code), wrong(&right)),
        (String::new(), String::new()),
        ("x".repeat(201), "x".repeat(201)),
        (code.clone(), right.clone()),
        (code, right),
    ] {
        let message = VerifyMyEmailRequest { code: there };
        ada.compare("VerifyMyEmail", verify(&here), &message).await;
    }
    ada.compare("GetMyUser", nothing(), &GetMyUserRequest {}).await;
    let resend = || (Method::POST, "/email/_resend_verification", json!({}));
    let again = ResendMyEmailVerificationRequest {};
    ada.compare("ResendMyEmailVerification", resend(), &again).await;
    app.advance(61);
    for address in [
        "ada@example.com",
        "not an address",
        "new@example.com",
        "newer@example.com",
    ] {
        let message = SetMyEmailRequest {
            email: address.to_owned(),
        };
        let set = (Method::PUT, "/email", json!({ "email": address }));
        ada.compare("SetMyEmail", set, &message).await;
    }
    ada.compare(
        "GetMyEmail",
        (Method::GET, "/email", json!(null)),
        &GetMyEmailRequest {},
    )
    .await;
    ada.compare("ResendMyEmailVerification", resend(), &again).await;
    app.work().await;
    app.advance(61);
    ada.compare("ResendMyEmailVerification", resend(), &again).await;
    app.work().await;
}

#[tokio::test]
async fn accounts_elsewhere_are_listed_and_removed_as_in_json() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let ada = app.default_tenant().sign_up_proven("ada").await;
    let id = use_provider(&owner, "ada", "corp", "1").await;
    use_provider(&owner, "ada", "shop", "2").await;
    let search = format!("{ME}/idps/_search");
    let part = |offset, limit, asc| Some(ListQuery { offset, limit, asc });
    for (asked, query) in [
        (json!({}), None),
        (json!({ "query": { "asc": false } }), part(0, 0, false)),
        (json!({ "query": { "offset": "1", "asc": true } }), part(1, 0, true)),
        (json!({ "query": { "limit": 1, "asc": true } }), part(0, 1, true)),
        (
            json!({ "query": { "offset": "99999999999" } }),
            part(99_999_999_999, 0, true),
        ),
    ] {
        let by_json = ada.post(&search, &asked).await;
        let by_grpc = Call::new("ListMyLinkedIDPs", &ListMyLinkedIdPsRequest { query });
        same("ListMyLinkedIDPs", &by_json, &by_grpc.send(&ada).await);
    }
    let remove = |idp_id: &str, linked_user_id: &str| {
        let message = RemoveMyLinkedIdpRequest {
            idp_id: idp_id.to_owned(),
            linked_user_id: linked_user_id.to_owned(),
        };
        Call::new("RemoveMyLinkedIDP", &message)
    };
    let by_json = ada.delete(&format!("{ME}/idps/{id}/2")).await;
    same("RemoveMyLinkedIDP", &by_json, &remove(&id, "2").send(&ada).await);
    let nowhere = remove("nowhere", "1").send(&ada).await;
    assert_eq!(nowhere.refusal(), (3, "invalid".to_owned()));
    let removed = remove(&id, "1").send(&ada).await;
    let details = as_json("zitadel.auth.v1.RemoveMyLinkedIDPResponse", removed.message());
    assert!(details["details"]["sequence"].is_string(), "{details}");
    assert_eq!(
        ada.post(&search, &json!({})).await.expect(200)["details"]["totalResult"],
        "1"
    );
    app.advance(5 * 60);
    let late = remove(&id, "1").send(&ada).await;
    assert_eq!(late.refusal(), (7, "reauthentication_required".to_owned()));
}

#[tokio::test]
async fn what_a_service_does_not_offer_is_said_before_anybody_is_asked_who_they_are() {
    let app = TestApp::start().await;
    let nobody = app.default_tenant().anybody();
    for path in [
        "/zitadel.auth.v1.AuthService/GetMyPhone",
        "/zitadel.auth.v1.AuthService/ListMyAuthFactors",
        "/zitadel.auth.v1.AuthService/AddMyAuthFactorU2F",
        "/zitadel.auth.v1.AuthService/ListMyPasswordless",
        "/zitadel.auth.v1.AuthService/GetMyUser/",
        "/zitadel.auth.v1.AuthService/getMyUser",
        "/zitadel.auth.v1.AuthService/",
        "/zitadel.management.v1.ManagementService/GetIAM",
        "/auth/v1/users/me",
        "/",
    ] {
        let mut call = Call::new("", &GetMyUserRequest {});
        call.path = path.to_owned();
        let refused = call.send(&nobody).await;
        assert_eq!(refused.refusal(), (12, "not_yet".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn who_may_not_call_is_refused_before_their_message_is_read() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_role(&owner, "kept-out", "", &[deny(KEPT_OUT, "*")]).await;
    let eve = make_person(&owner, "eve", "kept-out").await;
    let mut stale = eve.clone();
    stale.tokens["accessToken"] = json!("nonsense");
    for method in METHODS {
        for message in ["", "no frame at all"] {
            let call = || Call::new(method, &GetMyUserRequest {}).with_body(message.into());
            for unknown in [&tenant.anybody(), &stale] {
                let refused = call().send(unknown).await;
                assert_eq!(refused.refusal(), (16, "unauthenticated".to_owned()), "{method}");
            }
            let refused = call().send(&eve).await;
            assert_eq!(refused.refusal(), (7, "forbidden".to_owned()), "{method}");
            let read = call().send(&owner).await;
            assert_eq!(read.refusal(), (3, "malformed".to_owned()), "{method}");
        }
    }
}

#[tokio::test]
async fn a_call_is_kept_in_the_audit_trail_and_by_its_key_as_in_json() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(61);
    let set = || {
        let email = "new@example.com".to_owned();
        Call::new("SetMyEmail", &SetMyEmailRequest { email }).with("idempotency-key", "one")
    };
    let first = set().send(&ada).await;
    let again = set().send(&ada).await;
    assert_eq!(
        first.message(),
        again.message(),
        "once, though a code was sent a moment ago"
    );
    let other = set().with_body(super::frame(&[])).send(&ada).await;
    assert_eq!(other.refusal(), (3, "idempotency_key_reused".to_owned()));
    let owner = tenant.owner().await;
    let reply = Reply {
        status: reqwest::StatusCode::OK,
        headers: first.headers.clone(),
        text: String::new(),
    };
    let events = events_of(&owner, &reply).await;
    assert_eq!(events[0]["action"], "users/email:update", "{events:?}");
    assert_eq!(tenant.mail_to("new@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_tenant_is_called_by_its_path_and_only_with_its_own_tokens() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (ours, theirs) = (app.default_tenant().owner().await, acme.owner().await);
    let get = || Call::new("GetMyUser", &GetMyUserRequest {});
    let user = GetMyUserResponse::decode(get().send(&theirs).await.message())
        .unwrap()
        .user
        .unwrap();
    let tenant = user.details.unwrap().resource_owner;
    let named = get().with("x-zitadel-orgid", &tenant);
    named.send(&theirs).await.message();
    for other in ["", "ten_other", &tenant.to_uppercase()] {
        let refused = get().with("x-zitadel-orgid", other).send(&theirs).await;
        assert_eq!(refused.refusal(), (7, "forbidden".to_owned()), "{other}");
    }
    let abroad = Person {
        tenant: acme.clone(),
        ..ours.clone()
    };
    assert_eq!(get().send(&abroad).await.refusal(), (16, "unauthenticated".to_owned()));
    let mut nowhere = acme.clone();
    nowhere.base = format!("{}/t/nowhere", app.base);
    let nowhere = nowhere.anybody();
    assert_eq!(get().send(&nowhere).await.refusal(), (5, "tenant_not_found".to_owned()));
}

#[tokio::test]
async fn a_session_in_a_browser_makes_no_call() {
    let app = TestApp::start().await;
    let nobody = app.default_tenant().anybody();
    let given = json!({ "username": "admin", "password": PASSWORD });
    let signed_in = nobody.post(&format!("{CONSOLE}/sessions"), &given).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let by_json = nobody.request(Method::GET, ME).header("cookie", &cookie);
    nobody.send(by_json).await.expect(200);
    let call = Call::new("GetMyUser", &GetMyUserRequest {}).with("cookie", &cookie);
    assert_eq!(call.send(&nobody).await.refusal(), (16, "unauthenticated".to_owned()));
}
