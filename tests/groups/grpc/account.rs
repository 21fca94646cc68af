//! The account of whoever calls: the same as in JSON.

use super::{Call, as_json, methods::same};
use crate::{
    groups::auth_v1::{annotate, profile},
    support::{PASSWORD, Person, TestApp},
    user::{let_leave, let_rename},
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_proto::{
    Message,
    zitadel::{
        auth::v1::{
            GetMyMetadataRequest, GetMyProfileRequest, ListMyMetadataRequest, ListMyRefreshTokensRequest,
            ListMyUserChangesRequest, ListMyUserSessionsRequest, RemoveMyAvatarRequest, RemoveMyUserRequest,
            RevokeAllMyRefreshTokensRequest, RevokeMyRefreshTokenRequest, UpdateMyPasswordRequest,
            UpdateMyProfileRequest, UpdateMyUserNameRequest,
        },
        change::v1::ChangeQuery,
        metadata::v1::{MetadataKeyQuery, MetadataQuery, metadata_query::Query},
        v1::ListQuery,
    },
};

/// Has somebody ask the same by JSON and by gRPC, and compares what they are told.
pub(super) async fn compare(by: &Person<'_>, method: &str, asked: (Method, &str, &Value), message: &impl Message) {
    let (verb, path, body) = asked;
    let request = by.request(verb, &format!("/auth/v1{path}")).json(body);
    let by_json = by.send(request).await;
    let by_grpc = Call::new(method, message).send(by).await;
    same(method, &by_json, &by_grpc);
}

fn post<'a>(path: &'a str, body: &'a Value) -> (Method, &'a str, &'a Value) {
    (Method::POST, path, body)
}

#[tokio::test]
async fn the_profile_and_sessions_are_told_as_in_json() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(60);
    let for_shop = json!({ "username": "ada", "password": PASSWORD, "clientId": "shop" });
    tenant.anybody().post("/v1/login", &for_shop).await.expect(200);
    let none = json!({});
    compare(
        &ada,
        "GetMyProfile",
        (Method::GET, "/users/me/profile", &none),
        &GetMyProfileRequest {},
    )
    .await;
    compare(
        &ada,
        "ListMyUserSessions",
        post("/users/me/sessions/_search", &none),
        &ListMyUserSessionsRequest {},
    )
    .await;
    compare(
        &ada,
        "ListMyRefreshTokens",
        post("/users/me/tokens/refresh/_search", &none),
        &ListMyRefreshTokensRequest {},
    )
    .await;
    compare(
        &ada,
        "RemoveMyAvatar",
        (Method::DELETE, "/users/me/avatar", &none),
        &RemoveMyAvatarRequest {},
    )
    .await;
}

#[tokio::test]
async fn whoever_may_leave_is_gone() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    let delete = (Method::DELETE, "/users/me", &json!({}));
    compare(&ada, "RemoveMyUser", delete, &RemoveMyUserRequest {}).await;
    let_leave(&owner).await;
    let left = Call::new("RemoveMyUser", &RemoveMyUserRequest {}).send(&ada).await;
    let details = as_json("zitadel.auth.v1.RemoveMyUserResponse", left.message());
    assert!(details["details"]["sequence"].is_string(), "{details}");
    ada.get("/auth/v1/users/me")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_may_takes_another_name() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    let message = |name: &str| UpdateMyUserNameRequest {
        user_name: name.to_owned(),
    };
    let put = |body| (Method::PUT, "/users/me/username", body);
    let body = json!({ "userName": "countess" });
    compare(&ada, "UpdateMyUserName", put(&body), &message("countess")).await;
    let_rename(&owner).await;
    let wrong = json!({ "userName": "a countess" });
    compare(&ada, "UpdateMyUserName", put(&wrong), &message("a countess")).await;
    let renamed = Call::new("UpdateMyUserName", &message("countess")).send(&ada).await;
    let details = as_json("zitadel.auth.v1.UpdateMyUserNameResponse", renamed.message());
    assert!(details["details"]["sequence"].is_string(), "{details}");
    let me = ada.get("/auth/v1/users/me").await.expect(200);
    assert_eq!(me["user"]["userName"], "countess");
    compare(&ada, "UpdateMyUserName", put(&body), &message("countess")).await;
}

#[tokio::test]
async fn a_profile_is_changed_as_in_json() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().sign_up("ada").await;
    app.work().await;
    let message = || UpdateMyProfileRequest {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        nick_name: "Countess".to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        preferred_language: "en-GB".to_owned(),
        gender: 1,
    };
    let put = |body| (Method::PUT, "/users/me/profile", body);
    let (whole, mut other) = (profile(), profile());
    compare(&ada, "UpdateMyProfile", put(&whole), &message()).await;
    other["gender"] = json!(7);
    let message = UpdateMyProfileRequest { gender: 7, ..message() };
    compare(&ada, "UpdateMyProfile", put(&other), &message).await;
    let nothing = UpdateMyProfileRequest::default();
    let empty = json!({
        "firstName": "", "lastName": "", "nickName": "", "displayName": "", "preferredLanguage": "",
        "gender": "GENDER_UNSPECIFIED",
    });
    compare(&ada, "UpdateMyProfile", put(&empty), &nothing).await;
    let get = (Method::GET, "/users/me/profile", &json!({}));
    compare(&ada, "GetMyProfile", get, &GetMyProfileRequest {}).await;
}

#[tokio::test]
async fn metadata_are_told_as_in_json() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    annotate(&owner, "ada", "team", "engines").await;
    annotate(&owner, "ada", "example.com/level", "3").await;
    let search = "/users/me/metadata/_search";
    let looking = |key: &str, method: i32| MetadataQuery {
        query: Some(Query::KeyQuery(MetadataKeyQuery {
            key: key.to_owned(),
            method,
        })),
    };
    let ends = json!({ "keyQuery": { "key": "AM", "method": "TEXT_QUERY_METHOD_ENDS_WITH_IGNORE_CASE" } });
    for (asked, query, queries) in [
        (json!({}), None, vec![]),
        (
            json!({ "query": { "offset": "1", "limit": 5, "asc": false } }),
            Some(ListQuery {
                offset: 1,
                limit: 5,
                asc: false,
            }),
            vec![],
        ),
        (json!({ "queries": [ends] }), None, vec![looking("AM", 7)]),
        (json!({ "queries": [{}] }), None, vec![MetadataQuery { query: None }]),
        (
            json!({ "queries": [{ "keyQuery": { "key": "x", "method": 99 } }] }),
            None,
            vec![looking("x", 99)],
        ),
    ] {
        let message = ListMyMetadataRequest { query, queries };
        compare(&ada, "ListMyMetadata", post(search, &asked), &message).await;
    }
    for (path, key) in [
        ("/users/me/metadata/team", "team"),
        ("/users/me/metadata/example.com%2Flevel", "example.com/level"),
        ("/users/me/metadata/none", "none"),
    ] {
        let key = key.to_owned();
        let get = (Method::GET, path, &json!({}));
        compare(&ada, "GetMyMetadata", get, &GetMyMetadataRequest { key }).await;
    }
    let none = Call::new("GetMyMetadata", &GetMyMetadataRequest { key: String::new() });
    assert_eq!(none.send(&ada).await.refusal(), (3, "invalid".to_owned()));
}

#[tokio::test]
async fn changes_are_told_as_in_json() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    annotate(&owner, "ada", "team", "engines").await;
    let query = |sequence, limit, asc| Some(ChangeQuery { sequence, limit, asc });
    for (asked, query) in [
        (json!({}), None),
        (json!({ "query": { "limit": 1 } }), query(0, 1, false)),
        (json!({ "query": { "sequence": "1", "asc": true } }), query(1, 0, true)),
        (json!({ "query": { "limit": 1001 } }), query(0, 1001, false)),
    ] {
        let message = ListMyUserChangesRequest { query };
        let search = post("/users/me/changes/_search", &asked);
        compare(&ada, "ListMyUserChanges", search, &message).await;
    }
}

#[tokio::test]
async fn a_password_is_changed_as_in_json() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().sign_up("ada").await;
    app.work().await;
    let other = "another battery staple";
    for (old, new) in [("not the password", other), (PASSWORD, "short"), (PASSWORD, PASSWORD)] {
        let given = json!({ "oldPassword": old, "newPassword": new });
        let message = UpdateMyPasswordRequest {
            old_password: old.to_owned(),
            new_password: new.to_owned(),
        };
        let put = (Method::PUT, "/users/me/password", &given);
        compare(&ada, "UpdateMyPassword", put, &message).await;
    }
    let message = UpdateMyPasswordRequest {
        old_password: PASSWORD.to_owned(),
        new_password: other.to_owned(),
    };
    Call::new("UpdateMyPassword", &message).send(&ada).await.check();
    let new = json!({ "username": "ada", "password": other });
    ada.tenant.anybody().post("/v1/login", &new).await.expect(200);
}

#[tokio::test]
async fn what_renews_a_session_is_revoked_as_in_json() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(60);
    tenant.sign_in("ada").await;
    let search = "/auth/v1/users/me/tokens/refresh/_search";
    let listed = ada.post(search, &json!({})).await.expect(200);
    let id = listed["result"][0]["id"].as_str().unwrap().to_owned();
    let revoke = || RevokeMyRefreshTokenRequest { id: id.clone() };
    Call::new("RevokeMyRefreshToken", &revoke()).send(&ada).await.check();
    let path = format!("/users/me/tokens/refresh/{id}");
    compare(
        &ada,
        "RevokeMyRefreshToken",
        (Method::DELETE, &path, &json!({})),
        &revoke(),
    )
    .await;
    let nowhere = Call::new(
        "RevokeMyRefreshToken",
        &RevokeMyRefreshTokenRequest { id: "nowhere".into() },
    );
    assert_eq!(nowhere.send(&ada).await.refusal(), (3, "invalid".to_owned()));
    let all = Call::new("RevokeAllMyRefreshTokens", &RevokeAllMyRefreshTokensRequest {});
    assert_eq!(all.send(&ada).await.message(), [0; 0]);
    ada.post(search, &json!({}))
        .await
        .expect_problem(401, "unauthenticated");
}
