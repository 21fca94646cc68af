//! The profile, the password, the picture and the metadata of one's own account.

use super::{ME, annotate, profile};
use crate::{
    contract::{FORM, picture},
    support::{PASSWORD, TestApp},
};
use reqwest::Method;
use serde_json::{Value, json};

const OTHER: &str = "another battery staple";

#[tokio::test]
async fn a_picture_is_seen_in_the_profile_until_it_is_removed() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let profile = async || ada.get(&format!("{ME}/profile")).await.expect(200);
    assert_eq!(profile().await["profile"], json!({ "displayName": "ada" }));

    let request = ada.request(Method::POST, "/apis/console/v1alpha1/users/-/avatar");
    let drawn = request.header("content-type", FORM).body(picture());
    ada.send(drawn).await.expect(200);
    let before = profile().await;
    let url = before["profile"]["avatarUrl"].as_str().unwrap();
    assert!(url.contains("/avatars/"), "{url}");
    let user = ada.get(ME).await.expect(200);
    assert_eq!(user["user"]["human"]["profile"], before["profile"]);

    let written = ada.delete(&format!("{ME}/avatar")).await.expect(200);
    let again = ada.delete(&format!("{ME}/avatar")).await.expect(200);
    assert_eq!(written, again, "there was none any more");
    let after = profile().await;
    assert_eq!(after["profile"], json!({ "displayName": "ada" }));
    assert_eq!(after["details"], written["details"]);
    assert_ne!(after["details"]["sequence"], before["details"]["sequence"]);
}

#[tokio::test]
async fn a_profile_is_what_people_say_of_themselves() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let path = format!("{ME}/profile");
    let written = ada.put(&path, &profile()).await.expect(200);
    let read = ada.get(&path).await.expect(200);
    assert_eq!((&read["profile"], &read["details"]), (&profile(), &written["details"]));
    let user = ada.get("/apis/console/v1alpha1/users/-").await.expect(200);
    assert_eq!(user["user"]["spec"]["displayName"], "Ada Lovelace");
    let checked = ada.get("/api/auth/check").await.expect(200);
    assert!(checked.to_string().contains("\"firstName\":\"Ada\""), "{checked}");
    let again = ada.put(&path, &profile()).await.expect(200);
    assert_eq!(again, written, "nothing differs");

    let names = json!({ "firstName": "Augusta", "lastName": "King", "displayName": "Augusta" });
    ada.put(&path, &names).await.expect(200);
    assert_eq!(
        ada.get(&path).await.expect(200)["profile"],
        names,
        "what is absent is removed"
    );
    let with = |member: &str, value: Value| {
        let mut profile = profile();
        profile[member] = value;
        profile
    };
    for bad in [
        with("firstName", json!("")),
        with("lastName", json!("x".repeat(101))),
        with("nickName", json!("a\u{202e}b")),
        with("displayName", json!(null)),
        with("preferredLanguage", json!("not a tag")),
        with("preferredLanguage", json!("en-GB-oxendict")),
        with("gender", json!("GENDER_OTHER")),
        json!({}),
    ] {
        let refused = ada.put(&path, &bad).await.expect_problem(400, "invalid");
        assert_eq!(refused["code"], 3, "{bad}");
    }
    assert_eq!(ada.get(&path).await.expect(200)["profile"], names);
    let own = json!({ "oldPassword": PASSWORD, "newPassword": "AugustaKingAugusta" });
    let refused = ada.put(&format!("{ME}/password"), &own).await;
    refused.expect_problem(400, "invalid");
}

#[tokio::test]
async fn another_password_is_another_one_and_takes_the_present_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let other_device = tenant.sign_in("ada").await;
    let path = format!("{ME}/password");
    for (old, new, status, code) in [
        ("not the password", OTHER, 400, "password_wrong"),
        (PASSWORD, "short", 400, "invalid"),
        (PASSWORD, PASSWORD, 400, "invalid"),
        ("", OTHER, 400, "invalid"),
    ] {
        let given = json!({ "oldPassword": old, "newPassword": new });
        let refused = ada.put(&path, &given).await.expect_problem(status, code);
        assert_eq!(refused["code"], 3, "{refused}");
    }
    let given = json!({ "oldPassword": PASSWORD, "newPassword": OTHER });
    let written = ada.put(&path, &given).await.expect(200);
    assert!(written["details"]["sequence"].is_string(), "{written}");
    other_device.get(ME).await.expect_problem(401, "unauthenticated");
    ada.get(ME).await.expect(200);
    let old = json!({ "username": "ada", "password": PASSWORD });
    let anybody = tenant.anybody();
    anybody
        .post("/v1/login", &old)
        .await
        .expect_problem(401, "credentials_invalid");
    let new = json!({ "username": "ada", "password": OTHER });
    anybody.post("/v1/login", &new).await.expect(200);
}

/// The keys of metadata, in the order of the answer, and how many there are in all.
fn keys(answer: &Value) -> (Vec<&str>, &str) {
    let result = answer["result"].as_array().unwrap().iter();
    let keys = result.map(|of| of["key"].as_str().unwrap()).collect();
    (keys, answer["details"]["totalResult"].as_str().unwrap())
}

#[tokio::test]
async fn metadata_are_the_annotations_of_the_account() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up("ada").await);
    app.work().await;
    let search = format!("{ME}/metadata/_search");
    assert_eq!(keys(&ada.post(&search, &json!({})).await.expect(200)), (vec![], "0"));
    for (key, value) in [("team", "engines"), ("example.com/level", "3"), ("Überzug", "grün")] {
        annotate(&owner, "ada", key, value).await;
    }
    let method = |method: &str, key: &str| {
        let key_query = json!({ "keyQuery": { "key": key, "method": format!("TEXT_QUERY_METHOD_{method}") } });
        json!({ "queries": [key_query] })
    };
    for (asked, found, total) in [
        (json!({}), vec!["example.com/level", "team", "Überzug"], "3"),
        (json!({ "query": { "asc": false, "limit": 1 } }), vec!["Überzug"], "3"),
        (json!({ "query": { "offset": "1", "limit": 1 } }), vec!["team"], "3"),
        (json!({ "query": { "offset": "9" } }), vec![], "3"),
        (method("EQUALS", "team"), vec!["team"], "1"),
        (method("EQUALS", "TEAM"), vec![], "0"),
        (method("EQUALS_IGNORE_CASE", "TEAM"), vec!["team"], "1"),
        (method("STARTS_WITH", "example.com/"), vec!["example.com/level"], "1"),
        (method("STARTS_WITH_IGNORE_CASE", "üb"), vec!["Überzug"], "1"),
        (
            method("CONTAINS", "e"),
            vec!["example.com/level", "team", "Überzug"],
            "3",
        ),
        (method("CONTAINS_IGNORE_CASE", "EVE"), vec!["example.com/level"], "1"),
        (method("ENDS_WITH", "m"), vec!["team"], "1"),
        (method("ENDS_WITH_IGNORE_CASE", "M"), vec!["team"], "1"),
        (
            json!({ "queries": [{ "keyQuery": { "key": "team" } }] }),
            vec!["team"],
            "1",
        ),
    ] {
        let answer = ada.post(&search, &asked).await.expect(200);
        assert_eq!(keys(&answer), (found, total), "{asked}");
    }
    let one = ada.get(&format!("{ME}/metadata/example.com%2Flevel")).await.expect(200);
    assert_eq!(one["metadata"]["value"], "Mw==", "bytes are in base64");
    let one = ada.get(&format!("{ME}/metadata/%C3%9Cberzug")).await.expect(200);
    assert_eq!(one["metadata"]["value"], "Z3LDvG4=");
    let none = ada.get(&format!("{ME}/metadata/nothing")).await;
    assert_eq!(none.expect_problem(404, "metadata_not_found")["code"], 5);
    for bad in [
        json!({ "queries": [{}] }),
        json!({ "queries": [{ "keyQuery": { "key": "team", "method": "SOMEHOW" } }] }),
        json!({ "queries": vec![json!({ "keyQuery": { "key": "team" } }); 21] }),
        json!({ "query": { "offset": "-1" } }),
    ] {
        ada.post(&search, &bad).await.expect_problem(400, "invalid");
    }
    let eve = tenant.sign_up("eve").await;
    app.work().await;
    assert_eq!(keys(&eve.post(&search, &json!({})).await.expect(200)), (vec![], "0"));
}
