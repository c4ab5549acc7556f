/* SPDX-License-Identifier: Apache-2.0
 * Charts as SVG, drawn into a box as wide as the box is. Every mark says by its shape what its
 * colour says; every chart has the same numbers in a table beside it. */
"use strict";
const evenhandCharts = (function () {
    const NARROW = 560;
    const SHAPES = {
        within_tolerance: d3.symbolCircle,
        exceeds_tolerance: d3.symbolDiamond,
        insufficient_evidence: d3.symbolCircle,
        uncounted: d3.symbolTriangle,
        reference: d3.symbolSquare,
        plain: d3.symbolCircle,
    };
    let patterns = 0;

    const minus = (text) => text.replace("-", "\u2212");
    const formats = {
        share: (value) => minus(d3.format(".1f")(100 * value)) + " %",
        points: (value) => minus(d3.format(".1f")(100 * value)),
        number: (value) => minus(d3.format(".3~g")(value)),
        ratio: (value) => minus(d3.format(".2f")(value)),
    };

    /* Cuts a label that is too long for its place; the whole one is in the table. */
    function fit(text, label, room) {
        text.text(label);
        const letters = Array.from(label);
        while (letters.length > 1 && text.node().getComputedTextLength() > room) {
            letters.pop();
            text.text(letters.join("") + "\u2026");
        }
    }

    function frame(box, width, height, title) {
        d3.select(box).selectAll("svg").remove();
        const svg = d3.select(box).append("svg")
            .attr("viewBox", "0 0 " + width + " " + height)
            .attr("width", width).attr("height", height)
            .attr("role", "img").attr("aria-label", title);
        return svg;
    }

    /* The hatched band of what is tolerated. */
    function band(svg, area) {
        const id = "hatch-" + patterns++;
        const pattern = svg.append("defs").append("pattern").attr("id", id)
            .attr("width", 6).attr("height", 6).attr("patternUnits", "userSpaceOnUse")
            .attr("patternTransform", "rotate(45)");
        pattern.append("rect").attr("class", "band-ground").attr("width", 6).attr("height", 6);
        pattern.append("line").attr("class", "band-line").attr("y2", 6);
        svg.append("rect").attr("class", "band").attr("fill", "url(#" + id + ")")
            .attr("x", area.x).attr("y", area.y)
            .attr("width", Math.max(0, area.width)).attr("height", Math.max(0, area.height));
    }

    function mark(to, state) {
        return to.append("path").attr("class", "mark " + state)
            .attr("d", d3.symbol().type(SHAPES[state]).size(state === "uncounted" ? 50 : state === "exceeds_tolerance" ? 120 : 80)());
    }

    /* The whole interval thin, what sampling alone would give thick. */
    function interval(to, row, x) {
        const [first, last] = x.domain();
        const low = row.low === null ? first : row.low;
        const high = row.high === null ? last : row.high;
        to.append("line").attr("class", "noise").attr("x1", x(low)).attr("x2", x(high));
        /* An estimate that was corrected for its bias may lie beside what sampling would give. */
        to.append("line").attr("class", "sampling")
            .attr("x1", x(row.samplingLow === null ? low : Math.min(row.samplingLow, row.value)))
            .attr("x2", x(row.samplingHigh === null ? high : Math.max(row.samplingHigh, row.value)));
        for (const end of [row.low, row.high])
            if (end !== null)
                to.append("line").attr("class", "cap").attr("x1", x(end)).attr("x2", x(end))
                    .attr("y1", -5).attr("y2", 5);
    }

    function domainOf(chart) {
        const values = [];
        for (const row of chart.rows)
            values.push(row.value, row.low, row.high);
        for (const value of (chart.band || []).concat(chart.zero === undefined ? [] : [chart.zero]))
            values.push(value);
        const there = values.filter((value) => value !== null && isFinite(value));
        let low = d3.min(there), high = d3.max(there);
        if (low === undefined)
            [low, high] = [0, 1];
        if (low === high)
            [low, high] = [low - 0.5, high + 0.5];
        const space = 0.04 * (high - low);
        return [chart.floor !== undefined && low - space < chart.floor ? chart.floor : low - space,
                high + space];
    }

    /* Rows of dots with intervals on one axis. In a narrow box a label stands above its line. */
    function dots(box, chart) {
        const width = Math.max(240, box.clientWidth);
        const narrow = width < NARROW;
        const labels = narrow ? 0 : Math.min(230, 0.3 * width);
        const figures = narrow ? 0 : 78;
        const step = narrow ? 44 : 28;
        const top = 30;
        const bottom = top + step * chart.rows.length;
        const svg = frame(box, width, bottom + 46, chart.title);
        const x = d3.scaleLinear().domain(domainOf(chart))
            .range([labels + (narrow ? 24 : 12), width - figures - (narrow ? 26 : 12)]).clamp(true);
        svg.append("text").attr("class", "title").attr("x", 2).attr("y", 16).text(chart.title);
        fit(svg.select("text.title"), chart.title, width - 4);
        if (chart.band)
            band(svg, {x: x(chart.band[0]), y: top, width: x(chart.band[1]) - x(chart.band[0]),
                       height: bottom - top});
        if (chart.zero !== undefined)
            svg.append("line").attr("class", "zero").attr("x1", x(chart.zero))
                .attr("x2", x(chart.zero)).attr("y1", top).attr("y2", bottom);
        svg.append("g").attr("class", "axis").attr("transform", "translate(0," + bottom + ")")
            .call(d3.axisBottom(x).ticks(Math.max(2, Math.floor((width - labels - figures) / 90)))
                .tickFormat(chart.tick));
        svg.append("text").attr("class", "axis-label").attr("x", (x.range()[0] + x.range()[1]) / 2)
            .attr("y", bottom + 38).attr("text-anchor", "middle").text(chart.axis);
        chart.rows.forEach(function (row, i) {
            const middle = top + step * i + (narrow ? 30 : step / 2);
            const baseline = narrow ? top + step * i + 15 : middle + 4;
            const g = svg.append("g").attr("class", "row");
            fit(g.append("text").attr("class", "label").attr("x", 2).attr("y", baseline), row.label,
                narrow ? width - 90 : labels - 8);
            g.append("text").attr("class", "figure").attr("x", width - 4).attr("y", baseline)
                .attr("text-anchor", "end").text(row.value === null ? "\u2013" : chart.figure(row.value));
            const line = g.append("g").attr("transform", "translate(0," + middle + ")");
            if (row.value === null) {
                line.append("text").attr("class", "mark absent").attr("x", x.range()[0])
                    .attr("y", 4).text(row.note);
                return;
            }
            if (row.hasInterval)
                interval(line, row, x);
            mark(line, row.state).attr("transform", "translate(" + x(row.value) + ",0)");
        });
    }

    /* One gap over the rounds. */
    function trend(box, chart) {
        const width = Math.max(240, Math.min(720, box.clientWidth));
        const height = 220, left = 62, right = 14, top = 30, bottom = 176;
        const svg = frame(box, width, height, chart.title);
        const y = d3.scaleLinear().domain(domainOf(chart)).range([bottom, top]).clamp(true);
        const x = d3.scaleLinear().domain([-0.5, chart.rows.length - 0.5])
            .range([left, width - right]);
        svg.append("text").attr("class", "title").attr("x", 2).attr("y", 16);
        fit(svg.select("text.title"), chart.title, width - 4);
        if (chart.band)
            band(svg, {x: left, y: y(chart.band[1]), width: width - right - left,
                       height: y(chart.band[0]) - y(chart.band[1])});
        svg.append("line").attr("class", "zero").attr("x1", left).attr("x2", width - right)
            .attr("y1", y(chart.zero)).attr("y2", y(chart.zero));
        const every = Math.ceil(chart.rows.length / Math.max(2, Math.floor((width - left) / 40)));
        svg.append("g").attr("class", "axis").attr("transform", "translate(0," + bottom + ")")
            .call(d3.axisBottom(x).tickValues(d3.range(0, chart.rows.length, every))
                .tickFormat((i) => chart.rows[i].label));
        svg.append("g").attr("class", "axis").attr("transform", "translate(" + left + ",0)")
            .call(d3.axisLeft(y).ticks(5).tickFormat(chart.tick));
        svg.append("text").attr("class", "axis-label").attr("x", (left + width - right) / 2)
            .attr("y", height - 6).attr("text-anchor", "middle").text("round");
        const known = chart.rows.map((row, i) => Object.assign({at: i}, row))
            .filter((row) => row.value !== null);
        svg.append("path").attr("class", "way").attr("fill", "none")
            .attr("d", d3.line().x((row) => x(row.at)).y((row) => y(row.value))(known));
        for (const row of known) {
            const g = svg.append("g").attr("transform", "translate(" + x(row.at) + ",0)");
            if (row.hasInterval)
                g.append("line").attr("class", "noise")
                    .attr("y1", y(row.low === null ? y.domain()[0] : row.low))
                    .attr("y2", y(row.high === null ? y.domain()[1] : row.high));
            mark(g, row.state).attr("transform", "translate(0," + y(row.value) + ")");
        }
    }

    return {dots: dots, trend: trend, formats: formats};
})();
