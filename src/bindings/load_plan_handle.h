// The sizes of a model that is not made yet.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "bindings/handles.h"
#include "engine/load_plan.h"

namespace sotto {

// A plan, or the reason why there is none: status() tells.
class LoadPlanBinding {
 public:
  LoadPlanBinding(const ConfigObject& object, const std::string& weights, bool keeps_blocks) {
    auto plan = create_of<LoadPlan>(object, weights, keeps_blocks);
    if (plan.is_ok()) {
      plan_ = std::move(plan.value());
    } else {
      status_ = to_value(plan.error());
    }
  }

  StatusValue status() const { return status_; }
  StatusValue add(const RequestValue& value) {
    return with_headroom(8 * value.name.size(), "a tensor's name", [&]() -> Status {
      auto request = to_request(value);
      return request.is_ok() ? plan_->add(request.value()) : request.error();
    });
  }
  StatusValue keep_outside(const std::string& name) {
    return with_headroom(0, "a plan", [&] { return plan_->keep_outside(name); });
  }
  StatusValue add_others() {
    return with_headroom(0, "a plan", [&] { return plan_->add_others(); });
  }
  double weight_bytes() const { return static_cast<double>(plan_->weight_bytes()); }
  double weight_bytes_of(const std::string& type) const {
    return static_cast<double>(plan_->weight_bytes_of(to_weight_type(type)));
  }
  double loaded_bytes() const { return static_cast<double>(plan_->loaded_bytes()); }
  double peak_bytes() const { return static_cast<double>(plan_->peak_bytes()); }
  double session_bytes(uint32_t n_tokens) const {
    return static_cast<double>(plan_->session_bytes(n_tokens));
  }

 private:
  std::unique_ptr<LoadPlan> plan_;
  StatusValue status_;
};

}  // namespace sotto
