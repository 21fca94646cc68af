//! Tables, as people and spreadsheets make them.

use super::{counts, import, rejections, rows, user, wrong};
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_mark_at_the_beginning_semicolons_and_quotes_are_read() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = "\u{feff}User name;E-Mail;Display-Name;Email verified;bio\r\n\
                ada;ada@example.test;\"Ada; Countess\";TRUE;\"one\r\ntwo \"\"three\"\"\"\r\n\r\n\
                bob;bob@example.test;;no;\r\n";
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 0, 0], "{done}");
    let ada = user(&owner, "ada").await["user"]["spec"].take();
    assert_eq!(ada["displayName"], "Ada; Countess");
    assert_eq!(ada["emailVerified"], true);
    assert_eq!(ada["bio"], "one\r\ntwo \"three\"");
    assert_eq!(user(&owner, "bob").await["user"]["spec"]["emailVerified"], false);
}

#[tokio::test]
async fn a_row_that_is_broken_keeps_none_of_the_others_out() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = "name,email,displayName\n\
                ada,ada@example.test,Ada\n\
                bob,\"bob@example.test,Bob\n\
                eve,eve@example.test,\"Eve\"\n\
                few,few@example.test\n\
                many,many@example.test,Many,too,many\n\
                ,,\n\
                zoe,zoe@example.test,Zoe\n";
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(done["status"]["phase"], "SUCCEEDED");
    assert_eq!(counts(&done), [3, 0, 4], "{done}");
    let expected = [3, 5, 6].map(|row| wrong(row, "", "format"));
    let expected = [&expected[..], &[wrong(7, "email", "required")]].concat();
    assert_eq!(rejections(&owner, &done).await, expected);
    user(&owner, "eve").await;
    user(&owner, "zoe").await;
}

#[tokio::test]
async fn a_quote_that_is_never_closed_costs_its_own_row() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = format!("name,email\nbad,\"bad@example.test\n{}", rows("user", 600));
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [600, 0, 1], "{done}");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_row_is_named() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = "id,name,email,gender,language,createdAt,passwordHash,avatar,labels,disabled\n\
                usr_1,a b,x@,robot,english!,tomorrow,secret,,,\n\
                ,ada,ada@example.test,,,2999-01-01T00:00:00Z,,javascript:alert(1),,\n\
                ,bob,bob@example.test,,,,,,nonsense,perhaps\n";
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [0, 0, 3]);
    let found = rejections(&owner, &done).await;
    let fields = |row: i64| -> Vec<&str> {
        let of = found.iter().filter(|(of, ..)| *of == row);
        of.map(|(_, field, _)| field.as_str()).collect()
    };
    assert_eq!(
        fields(2),
        ["email", "name", "id", "language", "gender", "createdAt", "passwordHash"]
    );
    assert_eq!(fields(3), ["createdAt", "avatar"]);
    assert_eq!(fields(4), ["labels", "disabled"]);
}

#[tokio::test]
async fn a_header_that_is_not_known_is_refused_before_the_first_row() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (file, says) in [
        ("nmae,email\nada,ada@example.test\n", "did you mean \"name\"?"),
        ("name,phone\nada,1\n", "email is a column that there has to be"),
        (
            "email,mail\na@example.test,b@example.test\n",
            "is the name of two columns",
        ),
        ("\u{0}", "is not known here"),
    ] {
        let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
        assert_eq!(done["status"]["phase"], "FAILED", "{done}");
        assert_eq!(done["status"]["rows"], 0);
        let why = done["status"]["failureMessage"].as_str().unwrap();
        assert!(why.contains(says), "{file:?}: {why}");
    }
}

#[tokio::test]
async fn roles_labels_and_times_come_with_a_row() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = "name,email,roles,labels,annotations,createdAt,disabled,id\n\
                ada,ada@example.test,\"support, auditor\",\"{\"\"team\"\":\"\"blue\"\"}\",\"{\"\"a/b\"\":\"\"c\"\"}\",\
                2019-05-04T03:02:01Z,true,usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f\n";
    let done = import(&owner, &[], ("a.csv", file.as_bytes())).await;
    assert_eq!(counts(&done), [1, 0, 0], "{done}");
    let ada = user(&owner, "ada").await;
    assert_eq!(ada["user"]["metadata"]["labels"], json!({ "team": "blue" }));
    assert_eq!(ada["user"]["metadata"]["annotations"], json!({ "a/b": "c" }));
    assert_eq!(ada["user"]["metadata"]["creationTimestamp"], "2019-05-04T03:02:01Z");
    assert_eq!(ada["user"]["spec"]["disabled"], true);
    assert_eq!(ada["user"]["status"]["id"], "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f");
    let roles: Vec<_> = ada["roles"].as_array().unwrap().iter().collect();
    let names = roles.iter().map(|role| role["metadata"]["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["auditor", "support", "user"]);
    // They are found as everybody is.
    let found = owner
        .get(&format!(
            "{}?keyword=ada&labelSelector=team=blue",
            crate::support::roles::USERS
        ))
        .await;
    assert_eq!(found.expect(200)["total"], 1);
}
