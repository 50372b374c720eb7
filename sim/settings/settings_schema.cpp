#include "sim/settings/settings_schema.hpp"

#include "allocator/check.hpp"

namespace numasim {
namespace {

using Json = nlohmann::ordered_json;

Json any_of(Json schema, const Json& other) { return {{"anyOf", {std::move(schema), other}}}; }

class SchemaWriter {
 public:
  explicit SchemaWriter(const Settings& settings) : settings_(settings) {}

  /// The keys of a section; "" is the top.
  Json section(std::string_view path) const;

 private:
  Json described(const Setting& setting) const;
  Json kind(const Setting& setting) const;
  Json number(const Setting& setting) const;
  Json list(const Setting& setting) const;

  const Settings& settings_;
};

Json SchemaWriter::section(std::string_view path) const {
  Json properties = Json::object();
  for (const std::string_view key : keys_below(settings_, path)) {
    const std::string inside = (path.empty() ? "" : std::string(path) + '.') + std::string(key);
    const Setting* setting = find_setting(settings_, inside);
    MM_CHECK(setting != nullptr, inside);
    properties[std::string(key)] = described(*setting);
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json SchemaWriter::described(const Setting& setting) const {
  Json schema = setting.may_be_absent ? any_of(kind(setting), {{"type", "null"}}) : kind(setting);
  schema["description"] = setting.help;
  if (setting.kind != SettingKind::section) schema["default"] = setting.default_value;
  return schema;
}

Json SchemaWriter::kind(const Setting& setting) const {
  switch (setting.kind) {
    case SettingKind::truth:
      return {{"type", "boolean"}};
    case SettingKind::number:
      return number(setting);
    case SettingKind::choice:
      return {{"enum", setting.choices}};
    case SettingKind::list:
      return list(setting);
    case SettingKind::section:
      return section(setting.path);
    case SettingKind::text:
    case SettingKind::path:
      break;
  }
  return {{"type", "string"}};
}

Json SchemaWriter::number(const Setting& setting) const {
  Json whole{{"type", "integer"},
             {"minimum", to_json(setting.limits->min)},
             {"maximum", to_json(setting.limits->max)}};
  const std::string pattern = pattern_of(setting.unit);
  if (pattern.empty()) return whole;
  return any_of(std::move(whole), {{"type", "string"}, {"pattern", pattern}});
}

Json SchemaWriter::list(const Setting& setting) const {
  const Setting* element = find_setting(settings_, setting.path + ".N");
  MM_CHECK(element != nullptr, setting.path);
  Json schema{{"type", "array"}, {"items", kind(*element)}};
  if (setting.length) schema["minItems"] = schema["maxItems"] = *setting.length;
  return schema;
}

}  // namespace

nlohmann::ordered_json settings_schema(const Settings& settings, std::string_view title) {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(SchemaWriter(settings).section(""));
  const Json text{{"type", "string"}};
  Json& properties = schema["properties"];
  properties["$schema"] = text;
  properties["extends"] = any_of(text, {{"type", "array"}, {"items", text}});
  properties["extends"]["description"] =
      "files that this one builds on, as paths from its folder; the later ones go before";
  return schema;
}

}  // namespace numasim
