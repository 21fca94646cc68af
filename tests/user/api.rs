//! The console's users.

use crate::support::{PASSWORD, TestApp};
use serde_json::json;

const USERS: &str = "/apis/console/v1alpha1/users";

#[tokio::test]
async fn an_owner_creates_a_user_who_can_sign_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;

    let new = json!({
        "name": "Alice", "email": "alice@example.test", "displayName": "Alice", "password": PASSWORD, "mustChangePassword": false,
        "phone": "", "bio": "hi", "annotations": { "note": "probe" }, "roles": ["owner"],
    });
    let made = owner.post(USERS, &new).await.expect(200);
    assert_eq!(
        (&made["apiVersion"], &made["kind"]),
        (&json!("v1alpha1"), &json!("User"))
    );
    assert_eq!(made["metadata"]["name"], "alice");
    assert_eq!(made["metadata"]["annotations"], json!({ "note": "probe" }));
    assert_eq!(
        made["spec"]["emailVerified"], false,
        "nobody vouches for somebody else's address"
    );
    assert!(!made.to_string().contains("argon2") && !made.to_string().contains(PASSWORD));

    let got = owner.get(&format!("{USERS}/alice")).await.expect(200);
    assert_eq!(got["user"], made);
    let roles: Vec<_> = got["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["metadata"]["name"].clone())
        .collect();
    assert_eq!(roles, ["owner", "user"]);
    tenant.sign_in("alice").await.get(USERS).await.expect(200);
}

#[tokio::test]
async fn a_name_or_address_in_use_is_refused_in_any_case() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    owner
        .post(USERS, &json!({ "name": "alice", "email": "alice@example.test" }))
        .await
        .expect(200);
    let proven = json!({ "email": "alice@example.test", "verified": true });
    owner.put(&format!("{USERS}/alice/email"), &proven).await.expect(200);

    let same_name = json!({ "name": "ALICE", "email": "other@example.test" });
    owner
        .post(USERS, &same_name)
        .await
        .expect_problem(409, "user_name_taken");
    let same_address = json!({ "name": "other", "email": "Alice@EXAMPLE.test" });
    owner
        .post(USERS, &same_address)
        .await
        .expect_problem(409, "email_taken");
    let unknown_role = json!({ "name": "other", "email": "other@example.test", "roles": ["wizard"] });
    owner
        .post(USERS, &unknown_role)
        .await
        .expect_problem(400, "role_unknown");

    assert_eq!(owner.get(USERS).await.expect(200)["total"], 2);
}

#[tokio::test]
async fn one_of_twenty_parallel_users_of_one_name_is_made() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let bodies: Vec<_> = (0..20)
        .map(|n| json!({ "name": "alice", "email": format!("a{n}@example.test") }))
        .collect();

    let answers = futures_util::future::join_all(bodies.iter().map(|body| owner.post(USERS, body))).await;

    let mut made = 0;
    for answer in answers {
        match answer.status.as_u16() {
            200 => made += 1,
            _ => drop(answer.expect_problem(409, "user_name_taken")),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 2);
}

#[tokio::test]
async fn users_are_listed_page_by_page_newest_first() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for n in 0..5 {
        let new = json!({ "name": format!("user-{n}"), "email": format!("u{n}@example.test") });
        owner.post(USERS, &new).await.expect(200);
    }

    let mut names = vec![];
    for page in 1..=3 {
        let list = owner.get(&format!("{USERS}?page={page}&size=2")).await.expect(200);
        assert_eq!((&list["total"], &list["totalPages"]), (&json!(6), &json!(3)));
        assert_eq!((&list["first"], &list["last"]), (&json!(page == 1), &json!(page == 3)));
        assert_eq!(
            (&list["hasPrevious"], &list["hasNext"]),
            (&json!(page > 1), &json!(page < 3))
        );
        let items = list["items"].as_array().unwrap();
        names.extend(
            items
                .iter()
                .map(|item| item["user"]["metadata"]["name"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["user-4", "user-3", "user-2", "user-1", "user-0", "admin"]);
    let beyond = owner.get(&format!("{USERS}?page=9&size=2")).await.expect(200);
    assert_eq!((&beyond["items"], &beyond["total"]), (&json!([]), &json!(6)));
    let default = owner.get(&format!("{USERS}?page=0&size=0&keyword=")).await.expect(200);
    assert_eq!((&default["page"], &default["size"]), (&json!(1), &json!(20)));
}

#[tokio::test]
async fn a_keyword_is_looked_up_in_any_case_and_taken_literally() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "name": "zoe", "email": "zoe@example.test", "displayName": "Zoë 100%_Müller 王" });
    owner.post(USERS, &new).await.expect(200);
    let other = json!({ "name": "other", "email": "other@example.test" });
    owner.post(USERS, &other).await.expect(200);

    for (keyword, found) in [
        ("ZOE", 1),
        ("zoë", 1),
        ("ZOË", 1),
        ("müLLER", 1),
        ("王", 1),
        ("100%25_", 1),
        ("example.test", 2),
        ("m%C3%BCller%20zo", 1),
        ("example.test%20oth", 1),
        ("zo%20100", 1),
        ("zo%20oth", 0),
        ("00%25_", 0),
        ("%25_m%C3%BC", 1),
        ("0%25m", 0),
        ("z_e", 0),
        ("%25", 0),
        ("_", 0),
        ("%5C", 0),
        ("' or 1=1 --", 0),
    ] {
        let list = owner.get(&format!("{USERS}?keyword={keyword}")).await.expect(200);
        assert_eq!(list["total"], found, "{keyword}");
    }
}

#[tokio::test]
async fn a_user_who_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    owner
        .get(&format!("{USERS}/nobody"))
        .await
        .expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn plain_users_neither_list_nor_create_nor_see_others() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;

    ada.get(USERS).await.expect_problem(403, "forbidden");
    ada.get(&format!("{USERS}/admin"))
        .await
        .expect_problem(403, "forbidden");
    ada.get(&format!("{USERS}/nobody"))
        .await
        .expect_problem(403, "forbidden");
    ada.post(
        USERS,
        &json!({ "name": "eve", "email": "eve@example.test", "roles": ["owner"] }),
    )
    .await
    .expect_problem(403, "forbidden");
    ada.get("/apis/console/v1alpha1/messages")
        .await
        .expect_problem(403, "forbidden");
    let me = ada.get(&format!("{USERS}/-")).await.expect(200);
    assert_eq!(me["user"]["metadata"]["name"], ada.name);
}
