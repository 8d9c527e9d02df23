//! The `description` of each entry of a refused record's `fields`: what is wrong, and what is accepted.

pub const NUMBER_NOT_TEXT: &str = "The number must be a string in international form, such as +351929312319.";
pub const NUMBER_TOO_LONG: &str = "The number has more than 20 characters; send 1 to 20.";
pub const NUMBER_NO_PLUS: &str =
    "The number does not start with +; send it in international form, such as +351929312319.";
pub const NUMBER_CHARACTERS: &str =
    "The number has a character that is not allowed; after +, send digits, spaces, dots, dashes and brackets only.";
pub const NUMBER_COUNTRY: &str = "No country calling code matches the number; send + and the code first, such as +351.";
pub const NUMBER_LENGTH: &str =
    "The number is too short or too long for its country; send all digits that are dialled from abroad.";
pub const TYPE_MISSING: &str = "The type is missing; send HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3.";
pub const TYPE_UNKNOWN: &str = "The type must be HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3.";
pub const TYPE_REPEATED: &str = "An earlier entry has the same type; each type can occur once in a record.";
pub const NUMBERS_SHAPE: &str =
    "The value must be an array of objects, each with one `phone_number` and one `phone_type`.";
pub const NUMBERS_MISSING: &str = "The record has no phone number; send at least one.";
pub const NUMBERS_EMPTY: &str = "The array is empty; send at least one phone number.";
pub const NUMBER_MISSING: &str = "The number is missing; send it in international form, such as +351929312319.";
pub const NUMBER_BLANK: &str = "The number is blank; send it in international form, such as +351929312319.";
pub const NUMBER_IN_LIST: &str = "Another record of the list has this number; each number can be in the list once.";
pub const NUMBER_IN_REQUEST: &str =
    "An earlier record of this request has this number; each number can be in the list once.";
pub const NAME_NOT_TEXT: &str = "The name must be a string of 1 to 80 characters.";
pub const NAME_TOO_LONG: &str = "The name has more than 80 characters; send 1 to 80.";
pub const NAME_MISSING: &str = "The name is missing; send 1 to 80 characters.";
pub const NAME_BLANK: &str = "The name is blank; send at least one visible character.";
pub const TIMEZONE_NOT_TEXT: &str = "The time zone must be a string of 1 to 35 characters, such as Europe/Lisbon.";
pub const TIMEZONE_TOO_LONG: &str =
    "The time zone has more than 35 characters; send an IANA name such as Europe/Lisbon.";
pub const TIMEZONE_BLANK: &str =
    "The time zone is blank; send an IANA name such as Europe/Lisbon, or leave the member out.";
pub const TIMEZONE_UNMATCHED: &str = "No time zone has this name; send an IANA name such as Europe/Lisbon.";
pub const PRIORITY: &str = "The priority must be an integer from 1 to 10, without quotes.";
pub const LIST_REQUIRES: &str =
    "The value is missing or blank; this record list requires `external_provider` and `external_id`.";
pub const SYNC_REQUIRES: &str =
    "The value is missing or blank; with `sync_external_id` true, send `external_provider` and `external_id`.";
pub const REFERENCE_IN_LIST: &str =
    "Another record of the list has this `external_provider` and `external_id`; each pair can be in the list once.";
pub const REFERENCE_IN_REQUEST: &str = "An earlier record of this request has this `external_provider` and \
                                        `external_id`; each pair can be in the list once.";
pub const NOT_AN_OBJECT: &str = "The record must be a JSON object.";
pub const REPEATED: &str = "The member occurs more than once; send it once.";
pub const REFERENCE_NOT_TEXT: &str = "The value must be a string; write a number in quotes.";
pub const URL: &str = "The value must be an absolute http or https URL, such as https://crm.example.com/contacts/1.";
pub const SYNC: &str = "The value must be true or false, without quotes.";
pub const EXTRA_DATA: &str = "The value must be a JSON object; send {} if it is empty.";
pub const EMPTY_NAME: &str = "The object has a member with an empty name; give every member a name.";
pub const LONG_NAME: &str = "The object has a member with too long a name; send at most 65,535 bytes.";
pub const TOO_DEEP: &str = "The value is nested too deeply; `extra_data` can have 32 levels.";
pub const DIGITS: &str = "The number has more than 38 significant digits; send fewer, or send it as a string.";
pub const RANGE: &str =
    "The number is too large or too close to zero; send 1E-130 to 9.9E+125, or send it as a string.";
pub const TEXT_NOT_UNICODE: &str = "The string is not valid Unicode; send surrogates in pairs.";
pub const NAME_NOT_UNICODE: &str = "The object has a member whose name is not valid Unicode; send surrogates in pairs.";
pub const TOO_LARGE: &str = "The record is larger than 400 KB; this is its largest member.";
pub const REJECTED: &str = "The record cannot be stored as it is; check its size and its `extra_data`.";
