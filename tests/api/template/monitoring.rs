//! The alarms and the dashboard.

use std::collections::BTreeSet;

use record_lists::{ENDPOINTS, RECORD_ERROR_CODES};
use serde_json::{Value, json};

use super::{FUNCTIONS, elements, properties, resources, text};

/// The dashboard, with `${…}` as it is.
fn widgets() -> Vec<Value> {
    let body = text(&properties("Dashboard")["DashboardBody"]["!Sub"][0]);
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    elements(&body["widgets"]).to_vec()
}

fn metrics(widget: &Value) -> &[Value] {
    elements(&widget["properties"]["metrics"])
}

/// The dimensions of an alarm's metrics, each as its name and its value.
fn dimensions(alarm: &Value) -> BTreeSet<(&str, String)> {
    let metrics = elements(&alarm["Properties"]["Metrics"]).iter();
    let dimensions = metrics.filter_map(|metric| metric.pointer("/MetricStat/Metric/Dimensions")).flat_map(elements);
    dimensions.map(|dimension| (text(&dimension["Name"]), dimension["Value"].to_string())).collect()
}

#[test]
fn an_alarm_tells_when_it_starts_and_when_it_ends() {
    let topic = json!({"!If": ["HasAlarmTopic", [{"!Ref": "AlarmTopicArn"}], {"!Ref": "AWS::NoValue"}]});
    for (id, alarm) in resources("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["Properties"]["AlarmActions"], topic, "{id}");
        assert_eq!(alarm["Properties"]["OKActions"], topic, "{id}");
        assert_eq!(alarm["Properties"]["TreatMissingData"], "notBreaching", "{id}");
    }
}

#[test]
fn an_alarm_is_on_the_api_or_on_all_functions() {
    let stage = properties("Stage")["StageName"].to_string();
    let api = BTreeSet::from([("ApiName", json!({"!Ref": "AWS::StackName"}).to_string()), ("Stage", stage)]);
    let functions = FUNCTIONS.map(|function| ("FunctionName", json!({"!Ref": function}).to_string()));
    let functions = BTreeSet::from(functions);
    for (id, alarm) in resources("AWS::CloudWatch::Alarm") {
        assert_eq!(&dimensions(alarm), if id.starts_with("Api") { &api } else { &functions }, "{id}");
    }
}

#[test]
fn an_alarm_on_the_api_asks_for_a_number_of_requests_too() {
    let minimum = [
        ("ApiErrorsAlarm", "errors >= 5"),
        ("ApiRefusalsAlarm", "refused >= 20"),
        ("ApiThrottlesAlarm", "refused >= 20"),
        ("ApiLatencyAlarm", "requests >= 20"),
    ];
    let alarms = resources("AWS::CloudWatch::Alarm");
    let on_the_api: BTreeSet<&str> = alarms.keys().copied().filter(|id| id.starts_with("Api")).collect();
    assert_eq!(on_the_api, minimum.iter().map(|(id, _)| *id).collect());
    for (id, condition) in minimum {
        let expression = &properties(id)["Metrics"][0]["Expression"];
        let expression = text(expression.get("!Sub").unwrap_or(expression));
        assert!(expression.starts_with("IF(") && expression.contains(condition), "{id}: {expression}");
    }
}

#[test]
fn every_metric_of_an_expression_is_defined() {
    for (id, alarm) in resources("AWS::CloudWatch::Alarm") {
        let metrics = elements(&alarm["Properties"]["Metrics"]);
        let defined: BTreeSet<&str> = metrics[1..].iter().map(|metric| text(&metric["Id"])).collect();
        let expression = &metrics[0]["Expression"];
        let expression = text(expression.get("!Sub").unwrap_or(expression)).replace("${ThrottlingRateLimit}", "1");
        let words = expression.split(|c: char| !c.is_ascii_alphanumeric());
        let used = words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
        let used: BTreeSet<&str> = used.collect();
        assert!(used == defined || (used.is_empty() && expression.contains("METRICS()")), "{id}: {used:?} {defined:?}");
    }
}

#[test]
fn the_dashboard_shows_what_aws_measures_beside_what_the_function_measures() {
    let widgets = widgets();
    let shown: BTreeSet<(&str, &str)> = widgets
        .iter()
        .flat_map(metrics)
        .filter(|metric| metric[0].is_string())
        .map(|metric| (text(&metric[0]), text(&metric[1])))
        .filter(|(namespace, _)| namespace.starts_with("AWS/"))
        .collect();
    let expected = [
        ("AWS/ApiGateway", ["4XXError", "5XXError", "Count", "Latency"]),
        (
            "AWS/DynamoDB",
            ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"],
        ),
        ("AWS/Lambda", ["ConcurrentExecutions", "Duration", "Errors", "Throttles"]),
    ];
    assert_eq!(shown, expected.iter().flat_map(|(space, names)| names.map(|name| (*space, name))).collect());
}

#[test]
fn no_two_widgets_of_the_dashboard_overlap() {
    let widgets = widgets();
    let number = |widget: &Value, name: &str| widget[name].as_u64().expect("a number");
    let mut taken = BTreeSet::new();
    for widget in &widgets {
        let (left, top) = (number(widget, "x"), number(widget, "y"));
        assert!(left + number(widget, "width") <= 24, "{widget}");
        for x in left..left + number(widget, "width") {
            for y in top..top + number(widget, "height") {
                assert!(taken.insert((x, y)), "{widget}");
            }
        }
    }
}

#[test]
fn the_dashboard_has_every_error_code() {
    let widgets = widgets();
    let widget = widgets.iter().find(|widget| widget["properties"]["title"] == "Refused records by error code");
    let codes: Vec<&str> =
        metrics(widget.expect("the widget is there")).iter().map(|metric| text(&metric[1])).collect();
    assert_eq!(
        codes.into_iter().collect::<BTreeSet<_>>(),
        RECORD_ERROR_CODES.iter().map(std::convert::Into::into).collect::<BTreeSet<&str>>()
    );
}

#[test]
fn the_dashboard_has_a_row_for_every_operation() {
    let widgets = widgets();
    let rows = widgets.iter().filter(|widget| widget["width"] == 24);
    let shown: BTreeSet<&str> = rows
        .flat_map(metrics)
        .map(|metric| {
            let search = text(&metric[0]["expression"]);
            let (_, operation) = search.split_once("Operation=\"").expect("the search names an operation");
            operation.split('"').next().expect("a name")
        })
        .collect();
    let operations = ENDPOINTS.iter().map(|endpoint| <&str>::from(endpoint.operation));
    assert_eq!(shown, operations.chain(["none"]).collect());
}
