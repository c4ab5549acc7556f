/* SPDX-License-Identifier: Apache-2.0
 * What the page can do with a script: charts from the result inside it, sorting, and redrawing when
 * the page gets another width. Without a script all numbers are there as they are. */
(function () {
    const result = JSON.parse(document.getElementById("result").textContent);
    const formats = evenhandCharts.formats;
    const units = new Map(result.metrics.map((metric) => [metric.name, metric.unit]));
    const drawn = [];

    const nameOf = (group) => Object.values(group).join(", ") || "everyone";
    const same = (a, b) => a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
    const words = (metric) => metric.replace(/_/g, " ").replace(":", " of ");
    const percent = (confidence) => d3.format(".3~g")(100 * confidence) + " %";

    const withheld = {
        undefined: "nothing was counted",
        unclear_denominator: "too few: it may be all noise",
        impossible: "noise outweighs it",
        not_asked: "not asked",
    };

    /* A finding of result.json as a row of a chart. */
    function rowOf(label, finding, state) {
        const interval = finding.simultaneous || finding.pointwise || null;
        const row = {label: label, value: finding.value, state: state, low: null, high: null,
                     samplingLow: null, samplingHigh: null, hasInterval: interval !== null,
                     note: withheld[finding.withheld] || "cannot be stated"};
        if (row.value !== null && interval !== null)
            Object.assign(row, {low: interval.low, high: interval.high,
                                samplingLow: interval.sampling_low,
                                samplingHigh: interval.sampling_high});
        return row;
    }

    /* Draws now and whenever the box has another width. */
    function keepDrawn(box, draw) {
        const entry = {box: box, draw: draw, width: 0};
        drawn.push(entry);
        new ResizeObserver(() => redraw(entry)).observe(box);
        redraw(entry);
        return entry;
    }
    function redraw(entry) {
        const width = entry.box.clientWidth;
        if (width === 0 || width === entry.width)
            return;
        entry.width = width;
        entry.draw(entry.box);
    }
    const append = (to, kind, name) => d3.select(to).append(kind).attr("class", name).node();

    /* ---- answers ---- */

    const groupsOf = (release, model) => result.groups.filter((group) =>
        same(group.release, release) && group.model === model);

    function stateOf(question, group) {
        if (same(group, question.reference))
            return "reference";
        const comparison = question.comparisons.find((one) => same(one.group, group));
        if (comparison !== undefined)
            return comparison.counted ? comparison.verdict : "uncounted";
        if (Object.values(group).some((value) => value === "_other" || value === "_missing"))
            return "uncounted";
        if (question.verdict === "insufficient_evidence" || same(group, question.worst) ||
            same(group, question.compared_with))
            return question.verdict;
        return "plain";
    }

    function ratesChart(question) {
        const share = units.get(question.metric) === "share";
        const format = share ? formats.share : formats.number;
        return {
            title: words(question.metric) + " by " + question.release.join(" and "),
            axis: percent(result.statistics.confidence) + " interval, all rates together",
            tick: format, figure: format, floor: share ? 0 : undefined,
            rows: groupsOf(question.release, question.model).map((group) => rowOf(
                nameOf(group.group), group.findings[question.metric],
                stateOf(question, group.group))),
        };
    }

    function gapsFormat(question) {
        if (question.measure === "ratio")
            return formats.ratio;
        return units.get(question.metric) === "share" ? formats.points : formats.number;
    }

    function gapsChart(question) {
        const ratio = question.measure === "ratio";
        const share = units.get(question.metric) === "share" && !ratio;
        const format = gapsFormat(question);
        const rows = question.reference === null
            ? [rowOf("largest against smallest", question.gap, question.verdict)]
            : question.comparisons.map((comparison) => rowOf(
                nameOf(comparison.group), comparison.disparity,
                comparison.counted ? comparison.verdict : "uncounted"));
        return {
            title: question.reference === null ? "gap" : "gap to " + nameOf(question.reference),
            axis: (ratio ? "ratio" : share ? "percentage points" : "difference") +
                "; hatched: tolerated",
            tick: format, figure: format, zero: ratio ? 1 : 0,
            band: [question.tolerated.low, question.tolerated.high], rows: rows,
        };
    }

    function drawAnswers() {
        for (const box of document.querySelectorAll("#answers .plots")) {
            const question = result.questions[Number(box.dataset.answer)];
            keepDrawn(append(box, "div", "plot rates"),
                (to) => evenhandCharts.dots(to, ratesChart(question)));
            keepDrawn(append(box, "div", "plot gaps"),
                (to) => evenhandCharts.dots(to, gapsChart(question)));
        }
    }

    /* ---- trend: the numbers stand in its table ---- */

    const VERDICTS = {"Within tolerance": "within_tolerance", "Exceeds tolerance":
        "exceeds_tolerance", "Insufficient evidence": "insufficient_evidence"};
    const numberIn = (text) => text === "" || text === undefined ? null : Number(text);

    function drawTrend() {
        for (const article of document.querySelectorAll("article.trend")) {
            const question = result.questions[Number(article.dataset.answer)];
            const rows = Array.from(article.querySelectorAll("tbody tr"), function (line) {
                const cells = line.querySelectorAll("td");
                const low = numberIn(line.dataset.low), high = numberIn(line.dataset.high);
                return {label: line.dataset.round, value: numberIn(cells[0].dataset.value),
                        low: low, high: high, hasInterval: low !== null || high !== null,
                        state: VERDICTS[cells[1].textContent]};
            });
            const chart = {title: "gap of " + words(question.metric), rows: rows,
                           tick: gapsFormat(question), zero: question.measure === "ratio" ? 1 : 0,
                           band: [question.tolerated.low, question.tolerated.high]};
            keepDrawn(append(article.querySelector(".plots"), "div", "plot"),
                (to) => evenhandCharts.trend(to, chart));
        }
    }

    /* ---- all rates ---- */

    function choice(to, label, options) {
        const field = d3.select(to).append("label").text(label + " ");
        const select = field.append("select");
        select.selectAll("option").data(options).enter().append("option")
            .attr("value", (option, i) => i).text((option) => option.text);
        return {value: () => options[select.node().selectedIndex].value,
                listen: (then) => select.on("change", then)};
    }

    function exploreChart(release, metric, model) {
        const share = units.get(metric) === "share";
        const format = share ? formats.share : formats.number;
        return {title: words(metric) + (release.length ? " by " + release.join(" and ") : ""),
                axis: percent(result.statistics.confidence) + " interval",
                tick: format, figure: format, floor: share ? 0 : undefined,
                rows: groupsOf(release, model).map((group) => rowOf(
                    nameOf(group.group), group.findings[metric], "plain"))};
    }

    function tabulate(table, chart) {
        const text = (value) => value === null ? "\u2013" : chart.figure(value);
        table.selectAll("*").remove();
        table.append("caption").text(chart.title);
        table.append("thead").append("tr").selectAll("th").data(["group", "rate", "from", "to"])
            .enter().append("th").attr("scope", "col").text((heading) => heading);
        const lines = table.append("tbody").selectAll("tr").data(chart.rows).enter().append("tr");
        lines.append("th").attr("scope", "row").append("bdi").text((row) => row.label);
        for (const key of ["value", "low", "high"])
            lines.append("td").attr("class", "number").attr("data-value", (row) => row[key])
                .text((row) => text(row[key]));
    }

    function explore() {
        const section = document.getElementById("explore");
        const choices = section.querySelector(".choices");
        const releases = [], models = [];
        for (const group of result.groups) {
            if (!releases.some((release) => same(release, group.release)))
                releases.push(group.release);
            if (!models.includes(group.model))
                models.push(group.model);
        }
        section.hidden = false;
        const metric = choice(choices, "Rate", result.metrics.map((one) =>
            ({value: one.name, text: words(one.name)})));
        const release = choice(choices, "Groups", releases.map((one) =>
            ({value: one, text: one.length ? "by " + one.join(" and ") : "everyone together"})));
        const model = models.length < 2 ? {value: () => models[0], listen: () => 0}
            : choice(choices, "Model", models.map((one) => ({value: one, text: one})));
        const details = d3.select(section).append("details");
        details.append("summary").text("The numbers of this chart");
        const table = details.append("div").attr("class", "scroll").attr("tabindex", 0)
            .attr("role", "region").attr("aria-label", "Numbers of this chart").append("table");
        const chart = () => exploreChart(release.value(), metric.value(), model.value());
        const entry = keepDrawn(append(section.querySelector(".plots"), "div", "plot wide"),
            (to) => evenhandCharts.dots(to, chart()));
        const change = function () {
            entry.width = 0;
            redraw(entry);
            tabulate(table, chart());
        };
        for (const one of [metric, release, model])
            one.listen(change);
        tabulate(table, chart());
    }

    /* ---- sorting ---- */

    function keyOf(cell) {
        if (cell.dataset.value === undefined)
            return cell.textContent;
        return cell.dataset.value === "" ? null : Number(cell.dataset.value);
    }

    /* What is not there stands last, whichever way. */
    function compare(a, b, sign) {
        if (a === null || b === null)
            return (a === null) - (b === null);
        return sign * (typeof a === "number" ? a - b : a.localeCompare(b));
    }

    function sortBy(table, heading) {
        const headings = Array.from(heading.parentNode.children);
        const column = headings.indexOf(heading);
        const falling = heading.getAttribute("aria-sort") === "ascending";
        for (const one of headings)
            one.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const body = table.tBodies[0];
        const lines = Array.from(body.rows, (line) => [keyOf(line.cells[column]), line]);
        lines.sort((a, b) => compare(a[0], b[0], falling ? -1 : 1));
        body.append(...lines.map((pair) => pair[1]));
        table.closest("section").querySelector(".sorted").textContent = "Sorted by " +
            heading.textContent + (falling ? ", largest first." : ", smallest first.");
    }

    for (const table of document.querySelectorAll("table.sortable"))
        for (const heading of table.tHead.rows[0].cells)
            heading.querySelector("button").addEventListener("click", () => sortBy(table, heading));

    /* On paper nothing can be opened. */
    let opened = [];
    window.addEventListener("beforeprint", function () {
        opened = Array.from(document.querySelectorAll("details:not([open])"));
        for (const one of opened)
            one.open = true;
    });
    window.addEventListener("afterprint", function () {
        for (const one of opened)
            one.open = false;
    });

    drawAnswers();
    drawTrend();
    explore();
    document.documentElement.dataset.drawn = "yes";
})();
