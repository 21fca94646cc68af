//! Hashes of other systems: their users sign in as ever, and the hash is made anew.

use super::{PASSWORD, USERS, signs_in};
use crate::support::{Person, Reply, TestApp};
use futures_util::future::join_all;
use serde_json::json;

/// Made by Python's hashlib, bcrypt and argon2-cffi of [`OLD`].
const FOREIGN: &[&str] = &[
    "$2a$06$XlZWKQ6eI7FctvKLRejT/.sDjGAOOcdOaDPnBqFOEfuF29V.PUZpS",
    "$2b$06$MG0wQTCvpoObj6v.a6L7Y.bMdh8pI3GK4uHRurt05mDGAntlK.SHq",
    "$2y$06$93xbfB68i/EwF36rXv4/3uAr3fBbeZKl33JZWaPalt.BtJ8riGihy",
    "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$qcXOFeyLrD3HkSYCCjE5bEIO5urOcWbAyZDoXa5Gim4",
    "$pbkdf2-sha256$i=100000$AAECAwQFBgcICQoLDA0ODw$Vqhu6+JS9ldkjh4watwBe9TmNaf11t3oJwEx+Gr9SAU",
    "$pbkdf2-sha512$i=50000,l=64$AAECAwQFBgcICQoLDA0ODw$4oglbvTpPZcsOCGdT3hwVu5rNwaFgt5RZAkXsA4OiiG0/6qIO5J9KT5078TVaUEKAVVPK79EBkbNMPBrwvVL4A",
    "$argon2i$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$uEyF5j14zEskLWb/rvCp5PsOMlmCCsCW",
    "$argon2d$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$k8l5VtSBIIb+PF8jAPij4HLhtrfzcOjN",
    "$argon2id$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$RIMeXcatsuThrsyL8hNHAU2nYmGZsBLM",
];
const OLD: &str = "an imported passphrase, läng";
/// Of 40 times `ü`, which is 80 bytes; bcrypt took the first 72.
const LONG_BCRYPT: &str = "$2b$05$F6OhPxpuKbYXtPDnPloB9.ZaZVfSxP1bL.FlAWLTj1jvwVrNueb.m";

async fn import(owner: &Person<'_>, name: &str, hash: &str) -> Reply {
    let new = json!({ "name": name, "email": format!("{name}@example.test"), "passwordHash": hash });
    owner.post(USERS, &new).await
}

/// How many users have a hash like this one.
async fn hashes(app: &TestApp, like: &str) -> i64 {
    let sql = format!("select count(*) from \"user\" where password_hash like '{like}'");
    app.count(&sql).await
}

const OURS: &str = "$argon2id$v=19$m=19456,t=2,p=1,keyid=%";

#[tokio::test]
async fn every_kind_of_hash_signs_in_and_is_made_anew() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (number, hash) in FOREIGN.iter().enumerate() {
        let name = format!("user-{number}");
        let made = import(&owner, &name, hash).await;
        assert!(!made.text.contains(hash), "a hash is never sent back");
        let made = made.expect(200);
        assert_eq!(made["spec"]["passwordSet"], true);
        let before = hashes(&app, OURS).await;

        assert!(
            !signs_in(&tenant, &name, "an imported passphrase, lang").await,
            "{hash}"
        );
        assert_eq!(hashes(&app, OURS).await, before, "a wrong password changes nothing");
        assert!(signs_in(&tenant, &name, OLD).await, "{hash}");
        assert_eq!(hashes(&app, OURS).await, before + 1, "{hash}");
        assert!(signs_in(&tenant, &name, OLD).await, "again, by the new hash");
        let seen = owner.get(&format!("{USERS}/{name}")).await.expect(200);
        assert_eq!(
            seen["user"]["metadata"]["version"], made["metadata"]["version"],
            "nobody's act"
        );
    }
    let all = app.count("select count(*) from \"user\"").await;
    assert_eq!(hashes(&app, OURS).await, all);
}

#[tokio::test]
async fn of_several_first_sign_ins_at_once_each_succeeds_and_one_makes_the_hash_anew() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (number, hash) in FOREIGN.iter().enumerate() {
        let name = format!("user-{number}");
        import(&owner, &name, hash).await.expect(200);
        let before = hashes(&app, OURS).await;
        let (given, anybody) = (json!({ "username": name, "password": OLD }), tenant.anybody());
        for answer in join_all((0..5).map(|_| anybody.post("/v1/login", &given))).await {
            answer.expect(200);
        }
        assert_eq!(hashes(&app, OURS).await, before + 1, "{hash}");
        assert!(signs_in(&tenant, &name, OLD).await, "by the new hash");
    }
}

#[tokio::test]
async fn an_upgrade_ends_no_session_and_is_no_event() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    import(&owner, "alice", FOREIGN[0]).await.expect(200);
    let alice = async || {
        let given = json!({ "username": "alice", "password": OLD });
        let mut alice = tenant.anybody();
        alice.tokens = alice.post("/v1/login", &given).await.expect(200);
        alice
    };
    let (first, second) = (alice().await, alice().await);
    for device in [&first, &second] {
        device.get(&format!("{USERS}/-")).await.expect(200);
    }
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?size=10")
        .await
        .expect(200);
    let events = events["items"].as_array().unwrap();
    assert!(
        !events.iter().any(|event| event.to_string().contains("\"password\"")),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_long_password_is_compared_as_bcrypt_did_until_it_is_made_anew() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    import(&owner, "alice", LONG_BCRYPT).await.expect(200);
    let (whole, first_72_bytes) = ("ü".repeat(40), "ü".repeat(36));
    assert!(signs_in(&tenant, "alice", &whole).await);
    assert!(
        !signs_in(&tenant, "alice", &first_72_bytes).await,
        "now every character counts"
    );
    assert!(signs_in(&tenant, "alice", &whole).await);
}

#[tokio::test]
async fn a_hash_that_costs_too_much_or_is_not_understood_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rest = "$AAECAwQFBgcICQoLDA0ODw$Vqhu6+JS9ldkjh4watwBe9TmNaf11t3oJwEx+Gr9SAU";
    for (hash, why) in [
        (FOREIGN[1].replace("$06$", "$15$"), "more memory or time"),
        (format!("$scrypt$ln=18,r=8,p=1{rest}"), "more memory or time"),
        (format!("$pbkdf2-sha256$i=5000001{rest}"), "more memory or time"),
        (format!("$argon2id$v=19$m=1048576,t=2,p=1{rest}"), "more memory or time"),
        (format!("$argon2id$v=19$m=19456,t=11,p=1{rest}"), "more memory or time"),
        (format!("$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAAAAAA{rest}"), "key"),
        ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), "not a hash"),
        ("in the clear".to_owned(), "printing"),
        ("x".repeat(513), "512"),
        (String::new(), "at least 1"),
    ] {
        let refused = import(&owner, "alice", &hash).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "passwordHash", "{hash}");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(why), "{hash}: {detail}");
    }
    let both = json!({
        "name": "alice", "email": "alice@example.test", "password": PASSWORD, "passwordHash": FOREIGN[0]
    });
    let refused = owner.post(USERS, &both).await.expect_problem(400, "invalid");
    assert_eq!(refused["errors"][0]["field"], "passwordHash");
    assert_eq!(app.count("select count(*) from \"user\"").await, 1);
}

#[tokio::test]
async fn a_hash_without_the_pepper_is_made_anew_at_the_next_sign_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    // As it was made of the tests' password before there was a pepper.
    let salted = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU";
    app.execute(&format!("update \"user\" set password_hash = '{salted}'"))
        .await;
    assert!(signs_in(&tenant, "admin", PASSWORD).await);
    assert_eq!(hashes(&app, OURS).await, 1);
    assert!(signs_in(&tenant, "admin", PASSWORD).await);
}
