//! Files of other systems: whoever could sign in there can here.

use super::{BCRYPT, PASSPHRASE, counts, import, rejections, signs_in, user, wrong};
use crate::support::TestApp;
use serde_json::{Value, json};

fn lines(users: &[Value]) -> Vec<u8> {
    users
        .iter()
        .flat_map(|user| [user.to_string().into_bytes(), b"\n".to_vec()].concat())
        .collect()
}

#[tokio::test]
async fn users_of_a_realm_of_keycloak_come_with_their_passwords() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let password = |algorithm: &str, rounds: u32, salt: &str, value: &str, more: Value| {
        json!([{
            "type": "password",
            "secretData": json!({ "value": value, "salt": salt, "additionalParameters": {} }).to_string(),
            "credentialData":
                json!({ "hashIterations": rounds, "algorithm": algorithm, "additionalParameters": more }).to_string(),
        }])
    };
    let value = "ZXFDrt0Ud0wygSeExouHTYcWoklm+Tclk3+z8BEG/5XyjqHSqn9nILVQZH7Ve4oXLrHtkLoD6cdgGlBmIciPbg==";
    let pbkdf2 = password("pbkdf2-sha256", 27_500, "a2NzYWx0MDEyMzQ1Njc4OQ==", value, json!({}));
    let more = json!({ "type": ["id"], "version": ["1.3"], "memory": ["1024"], "parallelism": ["2"] });
    let argon2 = password(
        "argon2",
        1,
        "AAECAwQFBgcICQoLDA0ODw==",
        "RIMeXcatsuThrsyL8hNHAU2nYmGZsBLM",
        more,
    );
    let unknown = password("md5", 1, "eA==", "eA==", json!({}));
    let realm = json!({
        "realm": "old", "enabled": true,
        "note": "{ \"users\": [ not these ] }",
        "roles": { "users": [{ "email": "not@example.test" }] },
        "users": [
            { "id": "7d5c", "username": "ada", "email": "ada@example.test", "emailVerified": true, "enabled": true,
              "createdTimestamp": 1_556_939_021_000_i64, "firstName": "Ada", "lastName": "Lovelace",
              "credentials": pbkdf2, "realmRoles": ["owner"], "requiredActions": [] },
            { "username": "bob@example.test", "email": "bob@example.test", "enabled": false, "credentials": argon2,
              "requiredActions": ["UPDATE_PASSWORD"] },
            { "username": "service-account", "enabled": true },
            { "username": "eve", "email": "eve@example.test", "credentials": unknown },
        ],
        "scopeMappings": [],
    });
    let file = serde_json::to_string_pretty(&realm).unwrap();
    let done = import(&owner, &[("format", "keycloak")], ("realm.json", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 0, 2], "{done}");
    let expected = [wrong(3, "email", "required"), wrong(4, "credentials", "value")];
    assert_eq!(rejections(&owner, &done).await, expected);
    let ada = user(&owner, "ada").await;
    assert_eq!(ada["user"]["spec"]["displayName"], "Ada Lovelace");
    assert_eq!(ada["user"]["spec"]["emailVerified"], true);
    assert_eq!(ada["user"]["metadata"]["creationTimestamp"], "2019-05-04T03:03:41Z");
    assert_eq!(
        ada["roles"].as_array().unwrap().len(),
        1,
        "roles of another system are none of ours"
    );
    assert!(signs_in(&owner, "ada", PASSPHRASE).await);
    let bob = user(&owner, "bob-example.test").await["user"]["spec"].take();
    assert_eq!([&bob["disabled"], &bob["mustChangePassword"]], [true, true]);
    let enable = format!("{}/bob-example.test/enable", crate::support::roles::USERS);
    owner.post(&enable, &json!({})).await.expect(200);
    assert!(signs_in(&owner, "bob-example.test", PASSPHRASE).await);
}

#[tokio::test]
async fn users_of_auth0_come_as_lines_and_as_a_list() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let custom = |algorithm: &str, value: &str| json!({ "algorithm": algorithm, "hash": { "value": value } });
    let scrypt = json!({
        "algorithm": "scrypt", "cost": 16_384, "blockSize": 8, "parallelization": 1,
        "hash": { "value": "qcXOFeyLrD3HkSYCCjE5bEIO5urOcWbAyZDoXa5Gim4=", "encoding": "base64" },
        "salt": { "value": "000102030405060708090a0b0c0d0e0f", "encoding": "hex" },
    });
    let users = [
        json!({ "_id": { "$oid": "1" }, "email": "ada@example.test", "email_verified": true, "passwordHash": BCRYPT,
                "connection": "Username-Password-Authentication", "username": "ada", "name": "Ada" }),
        json!({ "email": "bob@example.test", "custom_password_hash": scrypt, "blocked": false,
                "created_at": "2020-01-02T03:04:05.678Z", "name": "bob@example.test", "given_name": "Bob" }),
        json!({ "email": "eve@example.test", "custom_password_hash": custom("bcrypt", BCRYPT) }),
        json!({ "email": "old@example.test", "custom_password_hash": custom("md5", "aa") }),
    ];
    let done = import(&owner, &[("format", "auth0")], ("users.json", &lines(&users))).await;
    assert_eq!(counts(&done), [3, 0, 1], "{done}");
    assert_eq!(
        rejections(&owner, &done).await,
        [wrong(4, "custom_password_hash", "value")]
    );
    for name in ["ada", "bob-example.test", "eve-example.test"] {
        assert!(signs_in(&owner, name, PASSPHRASE).await, "{name}");
    }
    assert_eq!(
        user(&owner, "bob-example.test").await["user"]["spec"]["displayName"],
        "bob-example.test"
    );
    let list = json!(users).to_string();
    let again = import(&owner, &[("format", "auth0")], ("users.json", list.as_bytes())).await;
    assert_eq!(counts(&again), [0, 3, 1], "{again}");
}

#[tokio::test]
async fn users_of_firebase_come_with_the_parameters_of_its_console() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = json!({ "users": [
        { "localId": "a", "email": "user1@example.test", "emailVerified": true, "displayName": "One", "salt": "42xEC+ixf3L2lw==",
          "passwordHash": "lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==",
          "createdAt": "1556939021000", "providerUserInfo": [] },
        { "localId": "b", "phoneNumber": "+15555550100", "createdAt": "1556939021000" },
    ] })
    .to_string();
    let config = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,\n  \
                  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}";
    let file = ("users.json", file.as_bytes());
    let without = import(&owner, &[("format", "firebase")], file).await;
    assert_eq!(rejections(&owner, &without).await[0], wrong(1, "passwordHash", "value"));
    let done = import(&owner, &[("format", "firebase"), ("hashConfig", config)], file).await;
    assert_eq!(counts(&done), [1, 0, 1], "{done}");
    assert_eq!(rejections(&owner, &done).await, [wrong(2, "email", "required")]);
    assert!(signs_in(&owner, "user1-example.test", "user1password").await);
    assert!(!signs_in(&owner, "user1-example.test", "user2password").await);
    let texts = [("format", "firebase"), ("hashConfig", "rounds: 8")];
    let refused = super::send(&owner, &texts, file).await.expect_problem(400, "invalid");
    assert_eq!(refused["errors"][0]["field"], "hashConfig");
    let dump = app.dump().await;
    assert!(
        !dump.contains("base64_signer_key"),
        "the key of a project is kept sealed"
    );
}

#[tokio::test]
async fn users_of_halo_come_as_its_console_lists_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let of = |name: &str, password: &str| {
        json!({
            "apiVersion": "v1alpha1", "kind": "User",
            "metadata": { "name": name, "version": 3, "creationTimestamp": "2023-02-01T00:00:00.123456Z",
                          "annotations": { "rbac.authorization.halo.run/role-names": "[\"super-role\"]" } },
            "spec": { "displayName": "Someone", "email": format!("{name}@example.test"), "emailVerified": true,
                      "avatar": "/upload/a.png", "password": password, "registeredAt": "2023-01-01T00:00:00Z" },
            "status": {},
        })
    };
    let spring = "{bcrypt}$2b$05$vP2G6GYQRUyJosJEDzd6zembAuNhRnJS0pvtzTy69IKroJnQgNPy6";
    let list = json!({ "page": 1, "items": [
        { "user": of("ada", spring), "roles": [{ "metadata": { "name": "super-role" } }] },
        of("bob", ""),
    ], "total": 2 });
    let done = import(
        &owner,
        &[("format", "halo")],
        ("halo.json", list.to_string().as_bytes()),
    )
    .await;
    assert_eq!(counts(&done), [2, 0, 0], "{done}");
    assert!(signs_in(&owner, "ada", PASSPHRASE).await);
    let ada = user(&owner, "ada").await;
    assert_eq!(ada["user"]["metadata"]["creationTimestamp"], "2023-01-01T00:00:00Z");
    assert_eq!(ada["roles"].as_array().unwrap().len(), 1);
    assert_eq!(user(&owner, "bob").await["user"]["spec"]["passwordSet"], false);
}

#[tokio::test]
async fn a_line_that_is_no_json_keeps_none_of_the_others_out() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let file = "{\"name\":\"ada\",\"email\":\"ada@example.test\"}\n\n{\"name\":\"bob\",\n[]\n\
                {\"name\":\"eve\",\"email\":\"eve@example.test\",\"rolls\":[]}\n\
                {\"name\":\"zoe\",\"email\":\"zoe@example.test\",\"roles\":[\"support\"]}";
    let done = import(&owner, &[], ("a.jsonl", file.as_bytes())).await;
    assert_eq!(counts(&done), [2, 0, 3], "{done}");
    let expected = [wrong(2, "", "format"), wrong(3, "", "value"), wrong(4, "", "value")];
    assert_eq!(rejections(&owner, &done).await, expected);
    for (file, format, says) in [
        ("name,email\n", "keycloak", "is not JSON"),
        ("{\"realm\":\"a\"}", "keycloak", "has no list \"users\""),
        (" \n", "jsonl", "is not JSON"),
    ] {
        let failed = import(&owner, &[("format", format)], ("a", file.as_bytes())).await;
        assert_eq!(failed["status"]["phase"], "FAILED", "{failed}");
        let why = failed["status"]["failureMessage"].as_str().unwrap();
        assert!(why.contains(says), "{why}");
    }
    let cut = "{\"users\":[{\"username\":\"cut\",\"email\":\"cut@example.test\"},{\"username\":\"half\"";
    let cut = import(&owner, &[("format", "keycloak")], ("a.json", cut.as_bytes())).await;
    assert_eq!(counts(&cut), [1, 0, 1], "{cut}");
}
