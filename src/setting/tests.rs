//! Stored settings stay readable: rows as they have always been, and what they say on the wire.

use super::*;
use crate::{account::SignUp, captcha::Captcha, limit::Limits, password::Policy, session::Sessions};
use poem_openapi::types::ToJSON;

/// Reads a row, and answers with what the wire shows of it. Written again, without what is as by default, it says the
/// same.
fn shown<T: Setting + ToJSON>(row: &str) -> Value {
    let (setting, wrong) = members::read::<T>(&serde_json::from_str(row).unwrap(), &T::default());
    assert_eq!(wrong, [""; 0]);
    let by_default = json!(T::default());
    let decided = members::decided(&json!(setting), &by_default, &by_default);
    let (again, wrong) = members::read::<T>(&decided, &T::default());
    assert_eq!((json!(again), wrong), (json!(setting), vec![]));
    setting.to_json().unwrap()
}

/// Reads a row that is on the wire as it is stored.
fn is_same<T: Setting + ToJSON>(row: &str) {
    assert_eq!(shown::<T>(row), serde_json::from_str::<Value>(row).unwrap());
}

#[test]
fn a_policy_that_was_stored_is_read_as_it_was_meant() {
    assert_eq!(
        shown::<Authentication>(r#"{"basic":true}"#),
        json!({ "basicAuth": true })
    );
    is_same::<Sessions>(r#"{"accessTokenSeconds":600,"idleSeconds":3000,"absoluteSeconds":3001,"mostPerUser":9}"#);
    let sign_up = r#"{"mode":"invited","allowedDomains":["example.com",".b.example"],"blockedDomains":["c.example"],"verifyBeforeSignIn":true,"addressesTold":true}"#;
    let mut expected: Value = serde_json::from_str(sign_up).unwrap();
    expected["protectedNames"] = json!([]);
    for off in ["accountDeletion", "nameChange"] {
        expected[off] = json!(false);
    }
    assert_eq!(shown::<SignUp>(sign_up), expected);
    is_same::<Limits>(
        r#"{"signInPair":{"free":3,"firstSeconds":10,"longestSeconds":70,"most":9},"signInAccount":{"free":20,"firstSeconds":30,"longestSeconds":3600,"most":50},"signInNetwork":{"most":100,"seconds":600},"signInTenant":{"most":1000,"seconds":600},"codePause":{"most":1,"seconds":60},"codeAddress":{"most":5,"seconds":600},"codeAddressLong":{"most":20,"seconds":86400},"codeNetwork":{"most":100,"seconds":3600},"codeTenant":{"most":3000,"seconds":3600},"tryAddress":{"most":10,"seconds":86400},"tryNetwork":{"most":30,"seconds":3600},"tryTenant":{"most":100,"seconds":600},"signUpNetwork":{"most":100,"seconds":3600},"signUpTenant":{"most":1000,"seconds":3600},"lookUpNetwork":{"most":7,"seconds":8},"captchaNetwork":{"most":30,"seconds":600},"clientNetwork":{"most":300,"seconds":600},"providerBeginNetwork":{"most":30,"seconds":600},"providerCallbackNetwork":{"most":60,"seconds":600}}"#,
    );
}

#[test]
fn what_is_as_by_default_is_not_stored_and_the_rest_is_member_by_member() {
    let mut limits = Limits::default();
    limits.sign_in_pair.free = 3;
    limits.code_pause.seconds = 61;
    let by_default = json!(Limits::default());
    let decided = members::decided(&json!(limits), &by_default, &by_default);
    assert_eq!(
        decided,
        json!({ "signInPair": { "free": 3 }, "codePause": { "seconds": 61 } })
    );
    assert_eq!(members::read(&decided, &Limits::default()), (limits, vec![]));
    // A map of the tenant's own is one member.
    let row = json!({ "applications": { "shop": { "displayName": "Shop" } } });
    let (branding, _) = members::read(&row, &Branding::default());
    assert_eq!(branding.applications.len(), 1);
    let by_default = json!(Branding::default());
    let decided = members::decided(&json!(branding), &by_default, &by_default);
    assert_eq!(
        decided.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["applications"]
    );
}

#[test]
fn a_member_that_is_not_valid_any_more_is_as_by_default_and_named() {
    let row = json!({ "mode": "whenever", "blockedDomains": ["c.example"], "of later": 1 });
    let (sign_up, wrong) = members::read(&row, &SignUp::default());
    assert_eq!(wrong, ["mode"]);
    assert_eq!(json!(sign_up)["blockedDomains"], json!(["c.example"]));
    // Two that do not go together: the one that comes first stays.
    let row = json!({ "idleSeconds": 9_000_000, "absoluteSeconds": 600 });
    let (sessions, wrong) = members::read(&row, &Sessions::default());
    assert_eq!(wrong, ["idleSeconds", "absoluteSeconds"]);
    assert_eq!(sessions, Sessions::default());
    for row in [json!(3), json!([1]), json!(null), json!("x")] {
        assert_eq!(members::read(&row, &Sessions::default()).0, Sessions::default());
    }
}

/// An act of a tenant or of the operator on the setting `sessions`.
type Act = fn(&mut Rows);

fn tenant_writes(rows: &mut Rows, change: impl FnOnce(&mut Value), pinned: &[&str]) {
    let stored = Stored::<Sessions>::of(rows);
    let mut value = json!(stored.setting);
    change(&mut value);
    let new = serde_json::from_value::<Sessions>(value).unwrap();
    // What is pinned stays so, as in a request that sends back what was read.
    let is_pinned = |path: &str, is_kept: bool| is_kept || pinned.contains(&path);
    if let Ok(kept) = stored.decide(&new, is_pinned) {
        let updated_at = DateTime::UNIX_EPOCH;
        rows.tenant = vec![Model {
            name: Sessions::NAME.to_owned(),
            value: kept,
            version: 1,
            updated_at,
        }];
    }
}

fn instance_writes(rows: &mut Rows, change: impl FnOnce(&mut InstanceRow)) {
    let fresh = (Sessions::NAME.to_owned(), json!({}), 1, DateTime::UNIX_EPOCH, json!([]));
    let mut row = rows.instance.first().cloned().unwrap_or_else(|| InstanceRow::of(fresh));
    change(&mut row);
    rows.instance = Arc::new(vec![row]);
}

/// Every order of some acts.
fn orders(acts: &[Act]) -> Vec<Vec<Act>> {
    if acts.is_empty() {
        return vec![vec![]];
    }
    let first = |at: usize| {
        let (mut rest, first) = (acts.to_vec(), acts[at]);
        rest.remove(at);
        orders(&rest)
            .into_iter()
            .map(move |order| [&[first][..], &order].concat())
    };
    (0..acts.len()).flat_map(first).collect()
}

#[test]
fn in_whatever_order_tenant_and_operator_set_pin_and_lock_the_same_is_in_force() {
    let acts: [Act; 6] = [
        |rows| tenant_writes(rows, |value| value["idleSeconds"] = 7200.into(), &["idleSeconds"]),
        |rows| tenant_writes(rows, |value| value["mostPerUser"] = 3.into(), &["mostPerUser"]),
        |rows| tenant_writes(rows, |_| (), &["accessTokenSeconds"]),
        |rows| instance_writes(rows, |row| row.value["idleSeconds"] = 7200.into()),
        |rows| instance_writes(rows, |row| row.value["absoluteSeconds"] = 86_400.into()),
        |rows| instance_writes(rows, |row| row.locked = json!(["mostPerUser"])),
    ];
    let mut found = std::collections::BTreeSet::new();
    for order in orders(&acts) {
        let mut rows = Rows::default();
        for act in order {
            act(&mut rows);
        }
        let locked = Stored::<Sessions>::of(&rows);
        instance_writes(&mut rows, |row| {
            row.value = json!({ "accessTokenSeconds": 60, "idleSeconds": 600 });
        });
        let after = Stored::<Sessions>::of(&rows);
        found.insert((json!(locked.setting).to_string(), json!(after.setting).to_string()));
    }
    let expected = |idle: u32, absolute: u32| {
        json!({ "accessTokenSeconds": 900, "idleSeconds": idle, "absoluteSeconds": absolute, "mostPerUser": 200 })
            .to_string()
    };
    let all = [(expected(7200, 86_400), expected(7200, 30 * 86_400))];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn a_member_that_is_as_inherited_is_kept_only_if_it_is_pinned_and_a_locked_one_is_named() {
    let mut rows = Rows::default();
    instance_writes(&mut rows, |row| {
        row.value = json!({ "mostPerUser": 7 });
        row.locked = json!(["idleSeconds", "nothing"]);
    });
    let stored = Stored::<Sessions>::of(&rows);
    let new = Sessions {
        access_token_seconds: 60,
        ..stored.setting
    };
    let kept = |pinned: &'static str| stored.decide(&new, |path, _| path == pinned).unwrap();
    assert_eq!(kept(""), json!({ "accessTokenSeconds": 60 }));
    assert_eq!(
        kept("mostPerUser"),
        json!({ "accessTokenSeconds": 60, "mostPerUser": 7 })
    );
    let locked = Sessions {
        idle_seconds: 300,
        ..new
    };
    let refused = stored.decide(&locked, |_, _| false).unwrap_err();
    let Error::Explained { code, fields } = refused else {
        panic!("{refused}")
    };
    assert_eq!(
        (code.as_str(), fields[0].field.as_str()),
        ("setting_locked", "idleSeconds")
    );
    let source = |path: &str| {
        let members = stored.members();
        members.into_iter().find(|member| member.path == path).unwrap().source
    };
    assert_eq!(source("mostPerUser"), Source::Instance);
    assert_eq!(source("idleSeconds"), Source::Default);
}

#[test]
fn a_map_of_the_instance_is_taken_or_left_as_a_whole() {
    let application = |name: &str| json!({ "displayName": name });
    let inherited = json!({ "applications": { "a": application("A") } });
    let (inherited, _) = members::read(&inherited, &Branding::default());
    let own = json!({ "applications": { "b": application("B") } });
    let (branding, wrong) = members::read(&own, &inherited);
    assert_eq!(wrong, [""; 0]);
    let names: Vec<_> = branding.applications.iter().map(|of| &of.client_id[..]).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn applications_are_stored_by_their_client_id_and_shown_as_a_list() {
    let shown = shown::<Branding>(
        r##"{"displayName":"Acme","color":"#112233","logoUrl":"https://a.example/x.png","homeUrl":null,"applications":{"apple":{"displayName":"A","color":null,"logoUrl":null,"homeUrl":null},"zoo":{"displayName":"Zoo","color":"#aabbcc","logoUrl":null,"homeUrl":"https://z.example/"}}}"##,
    );
    let expected = json!({
        "displayName": "Acme", "color": "#112233", "logoUrl": "https://a.example/x.png",
        "applications": [
            { "clientId": "apple", "displayName": "A" },
            { "clientId": "zoo", "displayName": "Zoo", "color": "#aabbcc", "homeUrl": "https://z.example/" },
        ],
    });
    assert_eq!(shown, expected);
}

#[test]
fn a_secret_is_stored_sealed_and_shown_as_there() {
    let row = r#"{"provider":"hcaptcha","siteKey":"abc-1","secret":{"sealed":"AWMC5DKU","setAt":"2026-11-28T08:15:08.180768Z"},"hostnames":["www.a.example"],"minScore":0.7,"required":{"signUp":true,"sendCode":false,"resetPassword":true,"signIn":"afterFailures"},"onOutage":"allow"}"#;
    let expected = json!({
        "provider": "hcaptcha", "siteKey": "abc-1", "secretSet": true, "hostnames": ["www.a.example"], "minScore": 0.7,
        "required": { "signUp": true, "sendCode": false, "resetPassword": true, "signIn": "afterFailures" },
        "onOutage": "allow",
    });
    assert_eq!(shown::<Captcha>(row), expected);
    let none = r#"{"provider":"none","siteKey":"","secret":null,"hostnames":[],"minScore":0.5,"required":{"signUp":false,"sendCode":false,"resetPassword":false,"signIn":"never"},"onOutage":"refuse"}"#;
    assert_eq!(shown::<Captcha>(none)["secretSet"], false);
}

#[test]
fn rules_of_passwords_are_stored_apart_from_the_preset_and_shown_spelled_out() {
    let row = r#"{"preset":"custom","words":["words","äpfel"],"custom":{"minLength":6,"maxLength":64,"classes":["lower","upper"],"common":false,"contextWords":true,"minScore":0}}"#;
    let policy: Policy = serde_json::from_str(row).unwrap();
    assert_eq!(serde_json::to_string(&policy).unwrap(), row);
    let expected = json!({
        "preset": "custom", "minLength": 6, "maxLength": 64, "requireClasses": ["lower", "upper"],
        "blocklist": { "common": false, "contextWords": true, "words": ["words", "äpfel"] },
        "minEstimatorScore": 0,
    });
    assert_eq!(policy.rules().to_json().unwrap(), expected);
}
