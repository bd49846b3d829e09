//! Natural names of the labels of ATIS and SNIPS.

/// Parts of ATIS slots that are not just their label with spaces.
const ATIS_PARTS: [(&str, &str); 13] = [
    ("fromloc", "from"),
    ("toloc", "to"),
    ("stoploc", "stop location"),
    ("city_name", "city"),
    ("month_name", "month"),
    ("date_relative", "relative date"),
    ("today_relative", "relative today"),
    ("time_relative", "relative time"),
    ("cost_relative", "relative cost"),
    ("flight_mod", "flight modify"),
    ("mod", "modify"),
    ("period_mod", "period modify"),
    // The original's table lacks it, so that it stays as it is.
    ("booking_class", "booking_class"),
];

/// ATIS intents with a natural name; all others keep their label.
const ATIS_INTENTS: [&str; 21] = [
    "atis_flight",
    "atis_airfare",
    "atis_airline",
    "atis_aircraft",
    "atis_flight<DIV>atis_airfare",
    "atis_abbreviation",
    "atis_ground_service",
    "atis_meal",
    "atis_restriction",
    "atis_quantity",
    "atis_aircraft<DIV>atis_flight<DIV>atis_flight_no",
    "atis_airport",
    "atis_ground_fare",
    "atis_airline<DIV>atis_flight_no",
    "atis_flight_time",
    "atis_flight_no",
    "atis_distance",
    "atis_city",
    "atis_capacity",
    "atis_cheapest",
    "atis_ground_service<DIV>atis_ground_fare",
];

/// SNIPS slots that keep their label, as the original's table lacks them.
const SNIPS_RAW: [&str; 2] = ["restaurant_name", "object_type"];

/// The natural name of an intent or slot of ATIS. Several intents may be divided by `<DIV>` or `#`.
pub(super) fn atis(label: &str) -> String {
    if label.starts_with("atis_") {
        let divided = label.replace('#', "<DIV>");
        if !ATIS_INTENTS.contains(&divided.as_str()) {
            return label.to_owned();
        }
        let name = |part: &str| part.trim_start_matches("atis_").replace('_', " ");
        let parts: Vec<String> = divided.split("<DIV>").map(name).collect();
        return parts.join(" and ").replace("flight no", "flight number");
    }
    let part = |part: &str| {
        let special = ATIS_PARTS.iter().find(|(label, _)| *label == part);
        special.map_or_else(|| part.replace('_', " "), |(_, name)| (*name).to_owned())
    };
    label.split('.').map(part).collect::<Vec<_>>().join(" ")
}

/// The natural name of an intent or slot of SNIPS.
pub(super) fn snips(label: &str) -> String {
    if SNIPS_RAW.contains(&label) {
        return label.to_owned();
    }
    let mut name = String::new();
    for letter in label.chars() {
        if letter == '_' {
            name.push(' ');
        } else if letter.is_uppercase() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.extend(letter.to_lowercase());
        } else {
            name.push(letter);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atis_names() {
        for (label, name) in [
            ("fromloc.city_name", "from city"),
            ("arrive_time.period_mod", "arrive time period modify"),
            ("depart_date.today_relative", "depart date relative today"),
            ("flight_mod", "flight modify"),
            ("day_number", "day number"),
            ("booking_class", "booking_class"),
            ("atis_ground_service", "ground service"),
            ("atis_flight_no", "flight number"),
            ("atis_flight#atis_airfare", "flight and airfare"),
            ("atis_aircraft<DIV>atis_flight<DIV>atis_flight_no", "aircraft and flight and flight number"),
            ("atis_day_name", "atis_day_name"),
            ("atis_flight<DIV>atis_airline", "atis_flight<DIV>atis_airline"),
        ] {
            assert_eq!(atis(label), name);
        }
    }

    #[test]
    fn snips_names() {
        for (label, name) in [
            ("timeRange", "time range"),
            ("party_size_description", "party size description"),
            ("restaurant_name", "restaurant_name"),
            ("object_type", "object_type"),
            ("SearchCreativeWork", "search creative work"),
            ("poi", "poi"),
        ] {
            assert_eq!(snips(label), name);
        }
    }
}
