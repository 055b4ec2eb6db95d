
(function () {
  "use strict";
  var box = document.getElementById("filter");
  if (box) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("table.work > tbody > tr"));
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    box.closest("p").hidden = false;
    box.addEventListener("input", function () {
      var wanted = box.value.trim().toLowerCase(), shown = 0;
      rows.forEach(function (row, index) {
        row.hidden = texts[index].indexOf(wanted) < 0;
        shown += row.hidden ? 0 : 1;
      });
      document.getElementById("filtered").textContent = wanted ? shown + " of " + rows.length + " rows" : "";
    });
  }
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("#criteria details:not([open])"));
    opened.forEach(function (item) { item.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (item) { item.open = false; });
  });
})();
